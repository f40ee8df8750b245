import { expect, test } from 'vitest'
import { LARGEST, LARGEST_7BIT } from '../weight.ts'
import { quantiseBias, quantiseWeight, scalingOf } from './quantise.ts'

test('the range of an activation holds 0, and its ends are the ends of eight bits', () => {
  expect(scalingOf({ min: -1, max: 1.55 })).toEqual({ scale: Math.fround(2.55 / 255), zero: 100 })
  expect(scalingOf({ min: 2, max: 5.1 })).toEqual({ scale: Math.fround(5.1 / 255), zero: 0 })
  expect(scalingOf({ min: -4, max: -2 })).toEqual({ scale: Math.fround(4 / 255), zero: 255 })
  expect(scalingOf({ min: 0, max: 0 })).toEqual({ scale: 1, zero: 0 })
})

test('each channel of a weight has a scale of its own; one of zeros has the scale 1', () => {
  const channels = { channels: 3, channelOf: (index: number) => index >> 1 }
  const { bytes, scales } = quantiseWeight(Float32Array.of(127, -63.5, 0, 0, 1, -2), channels, 127)
  expect([...scales]).toEqual([1, 1, Math.fround(2 / 127)])
  expect([...bytes]).toEqual([127, -64, 0, 0, 64, -127])
})

test('a bias has the scale of the input times that of its weight, and is cut to 32 bits', () => {
  const { integers, scales } = quantiseBias(Float32Array.of(1, 1e12), 0.5, Float32Array.of(0.25, 0.25))
  expect([...scales]).toEqual([0.125, 0.125])
  expect([...integers]).toEqual([8, 2 ** 31 - 1])
})

test('the sum of two products of seven bits fits into 16 bits, and one of eight bits may not', () => {
  const channels = { channels: 1, channelOf: () => 0 }
  const pair = (largest: number) => quantiseWeight(Float32Array.of(0.3, -0.3), channels, largest).bytes.map(Math.abs)
  const sum = (largest: number) => pair(largest).reduce((total, weight) => total + 255 * weight, 0)
  expect(sum(LARGEST_7BIT)).toBeLessThanOrEqual(2 ** 15 - 1)
  expect(sum(LARGEST)).toBeGreaterThan(2 ** 15 - 1)
})
