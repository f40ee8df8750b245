import { expect, test } from 'vitest'
import { secureNumbers } from './secure-numbers.ts'

test('secure numbers are uniform from 0 to less than 1, and do not repeat after a block', () => {
  const next = secureNumbers()
  const numbers = Array.from({ length: 100_000 }, next)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  // The mean has a standard deviation of 0.0009, and a tenth of the numbers one of 95.
  expect(Math.abs(numbers.reduce((sum, number) => sum + number, 0) / numbers.length - 0.5)).toBeLessThan(0.007)
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const count = numbers.filter((number) => Math.floor(number * 10) === tenth).length
    expect(Math.abs(count - 10_000)).toBeLessThan(700)
  }
  expect(new Set(numbers).size).toBe(numbers.length)
})
