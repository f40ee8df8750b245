import { expect, test } from 'vitest'
import { createCallerLimiter } from './caller-limiter.ts'

test('ten failures are borne, then one every six seconds, for each address by itself', () => {
  let nowMs = 0
  const limiter = createCallerLimiter({ nowMs: () => nowMs })
  for (let count = 0; count < 10; count++) {
    expect(limiter.waitMs('a')).toBe(0)
    limiter.fail('a')
  }
  expect(limiter.waitMs('a')).toBe(6_000)
  expect(limiter.waitMs('b')).toBe(0)
  nowMs = 6_000
  expect(limiter.waitMs('a')).toBe(0)
  limiter.fail('a')
  expect(limiter.waitMs('a')).toBe(6_000)
  nowMs += 60_000
  for (let count = 0; count < 10; count++) limiter.fail('a')
  expect(limiter.waitMs('a')).toBe(6_000)
})

test('ten thousand addresses are remembered, and the oldest is forgotten first', () => {
  const limiter = createCallerLimiter({ nowMs: () => 0 })
  const fill = (address: string) => {
    for (let count = 0; count < 10; count++) limiter.fail(address)
  }
  fill('first')
  fill('second')
  for (let count = 0; count < 9_999; count++) limiter.fail(`crowd-${count}`)
  expect(limiter.waitMs('first')).toBe(0)
  expect(limiter.waitMs('second')).toBeGreaterThan(0)
})
