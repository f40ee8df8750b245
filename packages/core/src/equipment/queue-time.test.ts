import { expect, test } from 'vitest'
import { resumed, running } from './queue-time.ts'

test('a clock that is set while the program runs makes nothing older or younger', () => {
  expect(running({ queueMs: 5_000, monotonicMs: 100.5 }, 1_100.75)).toBe(6_000)
})

test('over a restart as much has passed as the wall says, and nothing where it went back', () => {
  expect(resumed({ queueMs: 5_000, wallMs: 1_000_000 }, 1_060_000)).toBe(65_000)
  expect(resumed({ queueMs: 5_000, wallMs: 1_000_000 }, 10)).toBe(5_000)
})
