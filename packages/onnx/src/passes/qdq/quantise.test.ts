import { expect, test } from 'vitest'
import { quantiseBias, quantiseWeight, scalingOf } from './quantise.ts'

test('the range of an activation holds 0, and its ends are the ends of eight bits', () => {
  expect(scalingOf({ min: -1, max: 1.55 })).toEqual({ scale: Math.fround(2.55 / 255), zero: 100 })
  expect(scalingOf({ min: 2, max: 5.1 })).toEqual({ scale: Math.fround(5.1 / 255), zero: 0 })
  expect(scalingOf({ min: -4, max: -2 })).toEqual({ scale: Math.fround(4 / 255), zero: 255 })
  expect(scalingOf({ min: 0, max: 0 })).toEqual({ scale: 1, zero: 0 })
})

test('each channel of a weight has a scale of its own; one of zeros has the scale 1', () => {
  const { bytes, scales } = quantiseWeight(Float32Array.of(127, -63.5, 0, 0, 1, -2), 3, (index) => index >> 1)
  expect([...scales]).toEqual([1, 1, Math.fround(2 / 127)])
  expect([...bytes]).toEqual([127, -64, 0, 0, 64, -127])
})

test('a bias has the scale of the input times that of its weight, and is cut to 32 bits', () => {
  const { integers, scales } = quantiseBias(Float32Array.of(1, 1e12), 0.5, Float32Array.of(0.25, 0.25))
  expect([...scales]).toEqual([0.125, 0.125])
  expect([...integers]).toEqual([8, 2 ** 31 - 1])
})
