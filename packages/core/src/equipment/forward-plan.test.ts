import { Lane } from '@skerry/contract/sinks/sink-value'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  allowedInMs,
  DROPPING_ORDER,
  isLate,
  type LaneFacts,
  laneFor,
  nextDrop,
  nextLane,
  refilled,
  SENDING_ORDER,
  waitingByPriority,
} from './forward-plan.ts'

const lane = (name: Lane, oldestMs?: number, more: Partial<LaneFacts> = {}): LaneFacts => ({
  lane: name,
  bytes: oldestMs === undefined ? 0 : 1_000,
  oldestMs,
  isInFlight: false,
  ...more,
})
const limits = { bytesMax: 2_000, ageMaxSeconds: 60 }

test('each lane is sent from and dropped from, and what is dropped first is sent last', () => {
  expect(SENDING_ORDER.toSorted()).toEqual(Lane.options.toSorted())
  expect(DROPPING_ORDER.toSorted()).toEqual(Lane.options.toSorted())
  expect([SENDING_ORDER[0], DROPPING_ORDER.at(-1)]).toEqual(['urgent', 'urgent'])
})

test('what is new goes out as it comes in while the sink keeps up, and has to wait where it does not', () => {
  const question = {
    priority: 'normal',
    queue: { inOrder: false },
    isUp: true,
    oldestMs: undefined,
    nowMs: 90_000,
  } as const
  expect(laneFor(question)).toBe('normal')
  expect(laneFor({ ...question, oldestMs: 85_000 })).toBe('normal')
  expect(laneFor({ ...question, oldestMs: 84_999 })).toBe('normal-late')
  expect(laneFor({ ...question, isUp: false })).toBe('normal-late')
  expect(laneFor({ ...question, isUp: false, queue: { inOrder: true } })).toBe('normal')
})

test('what had to wait is sent after what is new, and at its pace', () => {
  const late = [lane('urgent-late', 1), lane('bulk-late', 1)]
  expect(nextLane([...late, lane('bulk', 5), lane('normal', 6)], 10)).toBe('normal')
  expect(nextLane([...late, lane('bulk', 5)], 10)).toBe('bulk')
  expect(nextLane([...late, lane('bulk')], 1)).toBe('urgent-late')
  expect(nextLane(late, 0)).toBeUndefined()
  expect(nextLane([], 10)).toBeUndefined()
})

test('what is too old is dropped first, then the least urgent and oldest, and never what is on its way', () => {
  const lanes = [lane('urgent', 0), lane('normal-late', 50_000), lane('normal', 59_000)]
  expect(nextDrop(lanes, limits, 60_001)).toEqual({ lane: 'urgent', reason: 'age' })
  expect(nextDrop(lanes, limits, 60_000)).toEqual({ lane: 'normal-late', reason: 'bytes' })
  expect(
    nextDrop([lane('normal-late', 1, { isInFlight: true }), lane('normal', 2), lane('urgent', 1)], limits, 3),
  ).toEqual({
    lane: 'normal',
    reason: 'bytes',
  })
  expect(nextDrop([lane('normal', 1, { bytes: 9_000, isInFlight: true })], limits, 90_000)).toBeUndefined()
  expect(nextDrop([lane('normal', 1)], limits, 2)).toBeUndefined()
})

test('the pace refills with time to a second of it, and says when something may go again', () => {
  const spent = { values: -500, atMs: 1_000 }
  expect(allowedInMs(spent, 1_000)).toBe(501)
  expect(refilled(spent, 1_000, 1_501)).toEqual({ values: 1, atMs: 1_501 })
  expect(allowedInMs({ values: 1, atMs: 0 }, 1_000)).toBe(0)
  expect(refilled(spent, 1_000, 100_000).values).toBe(1_000)
})

test('over any time no more goes late than the pace allows, by more than one batch and one second of it', () => {
  const turns = fc.array(
    fc.record({ passedMs: fc.integer({ min: 0, max: 3_000 }), batch: fc.integer({ min: 1, max: 900 }) }),
  )
  fc.assert(
    fc.property(turns, fc.integer({ min: 1, max: 5_000 }), (steps, perSecond) => {
      let allowance = { values: 0, atMs: 0 }
      let nowMs = 0
      let sent = 0
      for (const { passedMs, batch } of steps) {
        nowMs += passedMs
        allowance = refilled(allowance, perSecond, nowMs)
        if (nextLane([lane('bulk-late', 1)], allowance.values) === undefined) continue
        allowance.values -= batch
        sent += batch
        expect(sent).toBeLessThanOrEqual((nowMs / 1_000 + 1) * perSecond + 900)
      }
    }),
  )
})

test('as long as anything is over the limits, something is dropped of what is free', () => {
  const lanes = fc.uniqueArray(
    fc.record({
      lane: fc.constantFrom(...Lane.options),
      bytes: fc.integer({ min: 1, max: 3_000 }),
      oldestMs: fc.integer({ min: 0, max: 100_000 }),
      isInFlight: fc.boolean(),
    }),
    { selector: (facts) => facts.lane },
  )
  fc.assert(
    fc.property(lanes, fc.integer({ min: 0, max: 200_000 }), (all, nowMs) => {
      const drop = nextDrop(all, limits, nowMs)
      const free = all.filter(({ isInFlight }) => !isInFlight)
      const isOver = all.reduce((sum, { bytes }) => sum + bytes, 0) > limits.bytesMax
      const isOld = free.some(({ oldestMs }) => nowMs - oldestMs > limits.ageMaxSeconds * 1_000)
      expect(drop !== undefined).toBe(free.length > 0 && (isOver || isOld))
      if (drop) expect(free.map((facts) => facts.lane)).toContain(drop.lane)
      if (drop?.reason === 'bytes' && !isLate(drop.lane)) {
        expect(free.some((facts) => facts.lane === `${drop.lane}-late`)).toBe(false)
      }
    }),
  )
})

test('what waits is told by priority only where not all of it is normal', () => {
  const lane = (name: Lane, waiting: number) => ({ lane: name, waiting })
  expect(waitingByPriority([lane('normal', 3), lane('normal-late', 4), lane('urgent', 0)])).toEqual([])
  expect(
    waitingByPriority([lane('normal-late', 4), lane('bulk', 5), lane('urgent', 1), lane('urgent-late', 2)]),
  ).toEqual([
    { priority: 'urgent', waiting: 3 },
    { priority: 'normal', waiting: 4 },
    { priority: 'bulk', waiting: 5 },
  ])
})
