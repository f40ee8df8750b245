import { expect, test } from 'vitest'
import { resumed, running } from './queue-time.ts'

test('a clock change while the program runs does not change the age of values', () => {
  expect(running({ queueMs: 5_000, monotonicMs: 100.5 }, 1_100.75)).toBe(6_000)
})

test('after a restart, the queue time advances by the wall clock, and never backwards', () => {
  expect(resumed({ queueMs: 5_000, wallMs: 1_000_000 }, 1_060_000)).toBe(65_000)
  expect(resumed({ queueMs: 5_000, wallMs: 1_000_000 }, 10)).toBe(5_000)
})
