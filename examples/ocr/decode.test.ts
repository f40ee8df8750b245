import { expect, test } from 'vitest'
import { decode } from './decode.ts'

const keys = ['a', 'b']
const steps = (...rows: number[][]) => Float32Array.from(rows.flat())

test('repeated characters count once, unless a blank stands between them', () => {
  const a = [0.1, 0.8, 0.1]
  const blank = [0.9, 0.1, 0]
  expect(decode(steps(a, a, blank, a, [0.2, 0.2, 0.6]), 3, keys).text).toBe('aab')
})

test('the confidence is the mean over the kept characters', () => {
  expect(decode(steps([0.1, 0.8, 0.1], [0.2, 0.2, 0.6]), 3, keys).confidence).toBeCloseTo(0.7)
  expect(decode(steps([1, 0, 0]), 3, keys)).toEqual({ text: '', confidence: 0 })
})
