import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeShadow } from './shadow.ts'

const rules = { minCompared: 100, seconds: 60, maxMismatchShare: 0.02 }
const judge = (
  nowMs: number,
  stats: { compared: number; mismatched?: number; errors?: number; maxDifference?: number },
) => judgeShadow({ startedMs: 0, nowMs, stats: { mismatched: 0, errors: 0, ...stats }, rules })

test('passes once enough was compared for long enough', () => {
  expect(judge(59_999, { compared: 1_000 })).toEqual({ kind: 'continue', untilMs: 60_000 })
  expect(judge(90_000, { compared: 99 })).toEqual({ kind: 'continue', untilMs: 60_000 })
  expect(judge(60_000, { compared: 100, mismatched: 2 })).toEqual({ kind: 'pass' })
})

test('fails when too many answers were wrong, and says how many and by how much', () => {
  expect(judge(1, { compared: 150, mismatched: 3, errors: 1, maxDifference: 0.25 })).toEqual({
    kind: 'fail',
    cause: {
      code: 'shadow_mismatch',
      message:
        '3 of 150 answers differed from the serving version, by up to 0.25, and 1 were errors; a share of 0.02 is allowed',
    },
  })
})

test('does not wait for the hundredth answer where three wrong ones have decided already, or nothing but errors comes', () => {
  expect(judge(1, { compared: 2, mismatched: 2 }).kind).toBe('continue')
  expect(judge(1, { compared: 3, mismatched: 3 }).kind).toBe('fail')
  expect(judge(1, { compared: 0, errors: 3 }).kind).toBe('fail')
})

test('what has failed would have failed however the answers that are missing had been', () => {
  const count = fc.integer({ min: 0, max: 400 })
  fc.assert(
    fc.property(count, count, count, (matched, mismatched, errors) => {
      const verdict = judge(60_000, { compared: matched + mismatched, mismatched, errors })
      const missing = Math.max(0, 100 - matched - mismatched - errors)
      const after = judge(60_000, { compared: matched + mismatched + missing, mismatched, errors })
      if (verdict.kind === 'fail') expect(after.kind).toBe('fail')
      if (verdict.kind === 'pass')
        expect((mismatched + errors) / (matched + mismatched + errors)).toBeLessThanOrEqual(0.02)
    }),
  )
})
