import type { PlanStep } from '@skerry/core/device/device-plan'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { createWaits } from './waits.ts'

const step: PlanStep = { kind: 'load', item: buildDesiredItem({ version: 1 }), isRestore: true }
const clock = { monotonicMs: () => 1_000 }
const key = 'load m sha256:'

const untilOf = (waits: ReturnType<typeof createWaits>) =>
  [...waits.until()].find(([name]) => name.startsWith(key))?.[1]

test('waits longer after each failure, up to a limit, and starts again at the base after a success', () => {
  const waits = createWaits(clock, { baseMs: 100, maxMs: 1_000 }, () => 1)
  const times = Array.from({ length: 6 }, () => {
    waits.failed(step)
    return untilOf(waits)
  })
  expect(times).toEqual([1_100, 1_200, 1_400, 1_800, 2_000, 2_000])
  waits.done(step)
  expect(untilOf(waits)).toBeUndefined()
  waits.failed(step)
  expect(untilOf(waits)).toBe(1_100)
})

test('never retries at once, whatever the random number, and prefers a wait that the caller names', () => {
  const waits = createWaits(clock, { baseMs: 100, maxMs: 1_000 }, () => 0)
  waits.failed(step)
  expect(untilOf(waits)).toBe(1_050)
  waits.failed(step, 7_000)
  expect(untilOf(waits)).toBe(8_000)
})
