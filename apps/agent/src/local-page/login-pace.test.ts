import { expect, test } from 'vitest'
import { createLoginPace } from './login-pace.ts'

function newPace() {
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs }
  return { clock, pace: createLoginPace(clock) }
}

const tries = (count: number, attempt: (index: number) => number) =>
  Array.from({ length: count }, (_, at) => attempt(at))

test('an address has five tries, and one more every 30 seconds', () => {
  const { clock, pace } = newPace()
  expect(tries(6, () => pace.take('10.0.0.9'))).toEqual([0, 0, 0, 0, 0, 30])
  clock.nowMs = 29_500
  expect(pace.take('10.0.0.9')).toBe(1)
  clock.nowMs = 30_000
  expect(tries(2, () => pace.take('10.0.0.9'))).toEqual([0, 30])
})

test('another address still has its own tries', () => {
  const { pace } = newPace()
  tries(6, () => pace.take('10.0.0.9'))
  expect(pace.take('10.0.0.10')).toBe(0)
})

test('many addresses share the tries of all', () => {
  const { clock, pace } = newPace()
  expect(tries(21, (at) => pace.take(`10.0.1.${at}`)).filter((wait) => wait > 0)).toEqual([10])
  expect(tries(500, (at) => pace.take(`10.0.2.${at}`)).every((wait) => wait > 0)).toBe(true)
  clock.nowMs = 20_000
  expect(tries(3, (at) => pace.take(`10.0.3.${at}`))).toEqual([0, 0, 10])
})

test('a right password gives the tries back', () => {
  const { pace } = newPace()
  tries(5, () => pace.take('10.0.0.9'))
  pace.refund('10.0.0.9')
  expect(pace.take('10.0.0.9')).toBe(0)
})
