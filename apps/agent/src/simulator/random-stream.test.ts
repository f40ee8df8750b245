import { expect, test } from 'vitest'
import { randomStream } from './random-stream.ts'

const take = (random: () => number, count: number) => Array.from({ length: count }, random)

test('the same seed and name give the same numbers, others give others', () => {
  const numbers = take(randomStream(1, 'a'), 100)
  expect(take(randomStream(1, 'a'), 100)).toEqual(numbers)
  expect(take(randomStream(2, 'a'), 100)).not.toEqual(numbers)
  expect(take(randomStream(1, 'b'), 100)).not.toEqual(numbers)
})

test('numbers lie in [0, 1), and cover all of it', () => {
  const tenths = new Array<number>(10).fill(0)
  for (const number of take(randomStream(1, 'a'), 10_000)) {
    expect(number).toBeGreaterThanOrEqual(0)
    tenths[Math.floor(number * 10)] = (tenths[Math.floor(number * 10)] ?? 0) + 1
  }
  expect(tenths.length).toBe(10)
  expect(Math.min(...tenths)).toBeGreaterThan(800)
})
