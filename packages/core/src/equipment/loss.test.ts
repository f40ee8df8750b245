import { LossReason } from '@skerry/contract/sinks/sink-loss'
import { Lane } from '@skerry/contract/sinks/sink-value'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundedLosses, joinedLoss } from './loss.ts'

const loss = { lane: 'normal', reason: 'bytes', first: 11, last: 20, count: 10, fromMs: 5, toMs: 9 } as const

test('losses that follow each other for one reason are one', () => {
  expect(joinedLoss(loss, { ...loss, first: 21, last: 22, count: 2, fromMs: 3, toMs: 7 })).toEqual({
    lane: 'normal',
    reason: 'bytes',
    first: 11,
    last: 22,
    count: 12,
    fromMs: 3,
    toMs: 9,
  })
  expect(joinedLoss(loss, { ...loss, first: 22, last: 22, count: 1 })).toBeUndefined()
  expect(joinedLoss(loss, { ...loss, first: 21, reason: 'age' })).toBeUndefined()
  expect(joinedLoss(loss, { ...loss, first: 21, lane: 'bulk' })).toBeUndefined()
})

test('however few are kept, the count of each lane and reason stays exact', () => {
  const any = fc.record({
    lane: fc.constantFrom(...Lane.options),
    reason: fc.constantFrom(...LossReason.options),
    first: fc.integer({ min: 1, max: 1_000 }),
    last: fc.integer({ min: 1_000, max: 2_000 }),
    count: fc.integer({ min: 1, max: 50 }),
    fromMs: fc.integer({ min: 0, max: 50 }),
    toMs: fc.integer({ min: 50, max: 90 }),
  })
  const totals = (losses: readonly { lane: string; reason: string; count: number }[]) => {
    const sums: Record<string, number> = {}
    for (const { lane, reason, count } of losses) sums[`${lane} ${reason}`] = (sums[`${lane} ${reason}`] ?? 0) + count
    return sums
  }
  fc.assert(
    fc.property(fc.array(any, { maxLength: 80 }), (losses) => {
      const bounded = boundedLosses(losses, 30)
      expect(totals(bounded)).toEqual(totals(losses))
      expect(bounded.length).toBeLessThanOrEqual(Math.max(30, Math.min(losses.length, 30)))
    }),
  )
})
