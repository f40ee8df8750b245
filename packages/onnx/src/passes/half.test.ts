import { expect, test } from 'vitest'
import { halfBits } from './half.ts'

const bits = (...values: number[]) => [...halfBits(Float32Array.from(values))]

test('every binary16 number keeps its bits', () => {
  const all = Uint16Array.from({ length: 2 ** 16 }, (_, index) => index)
  const numbers = new Float16Array(all.buffer)
  const back = halfBits(Float32Array.from(numbers))
  const wrong = [...all].filter((each, index) => Number.isFinite(numbers[index]) && back[index] !== each)
  expect(wrong).toEqual([])
})

test('numbers between two are rounded as the engine rounds them, ties to even', () => {
  const values = Float32Array.from({ length: 20_000 }, (_, index) => (index - 10_000) * 6.5004 + 1 / (index + 1))
  const finite = values.filter((value) => Math.abs(value) < 65_504)
  expect([...halfBits(finite)]).toEqual([...new Uint16Array(Float16Array.from(finite).buffer)])
  expect(bits(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 2 ** -24, -(2 ** -24))).toEqual([0x3c00, 0x3c02, 0, 1, 0x8001])
})

test('numbers that are too large become the largest one, and NaN stays NaN', () => {
  expect(bits(65_504, 65_519.9, 70_000, -1e30, Number.POSITIVE_INFINITY, Number.NaN)).toEqual([
    0x7bff, 0x7bff, 0x7bff, 0xfbff, 0x7bff, 0x7e00,
  ])
})
