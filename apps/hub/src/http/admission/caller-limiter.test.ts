import { expect, test } from 'vitest'
import { createCallerLimiter } from './caller-limiter.ts'

const source = '192.0.2.1'

test('ten failures are borne, then one every six seconds, for each name by itself, also behind one address', () => {
  let nowMs = 0
  const limiter = createCallerLimiter({ nowMs: () => nowMs })
  const a = { source, identity: 'a' }
  const b = { source, identity: 'b' }
  for (let count = 0; count < 10; count++) {
    expect(limiter.waitMs(a)).toBe(0)
    limiter.fail(a)
  }
  expect(limiter.waitMs(a)).toBe(6_000)
  expect(limiter.waitMs({ ...a, source: '192.0.2.2' })).toBe(6_000)
  expect(limiter.waitMs(b)).toBe(0)
  expect(limiter.waitMs({ source })).toBe(0)
  nowMs = 6_000
  expect(limiter.waitMs(a)).toBe(0)
  limiter.fail(a)
  expect(limiter.waitMs(a)).toBe(6_000)
  nowMs += 60_000
  for (let count = 0; count < 10; count++) limiter.fail(a)
  expect(limiter.waitMs(a)).toBe(6_000)
})

test('what names nobody is known by its address', () => {
  const limiter = createCallerLimiter({ nowMs: () => 0 })
  for (let count = 0; count < 10; count++) limiter.fail({ source })
  expect(limiter.waitMs({ source })).toBe(6_000)
  expect(limiter.waitMs({ source: '192.0.2.2' })).toBe(0)
})

test('ever new names from one address are stopped after fifty, and then let in one by one', () => {
  let nowMs = 0
  const limiter = createCallerLimiter({ nowMs: () => nowMs })
  const next = (count: number) => ({ source, identity: `new-${count}` })
  for (let count = 0; count < 50; count++) {
    expect(limiter.waitMs(next(count))).toBe(0)
    limiter.fail(next(count))
  }
  expect(limiter.waitMs(next(50))).toBe(2_000)
  nowMs = 2_000
  expect(limiter.waitMs(next(50))).toBe(0)
})

test('ten thousand names are remembered, and the oldest is forgotten first', () => {
  const limiter = createCallerLimiter({ nowMs: () => 0 })
  const guess = (identity: string) => ({ source: identity, identity })
  const fill = (identity: string) => {
    for (let count = 0; count < 10; count++) limiter.fail(guess(identity))
  }
  fill('first')
  fill('second')
  for (let count = 0; count < 9_999; count++) limiter.fail(guess(`crowd-${count}`))
  expect(limiter.waitMs(guess('first'))).toBe(0)
  expect(limiter.waitMs(guess('second'))).toBeGreaterThan(0)
})
