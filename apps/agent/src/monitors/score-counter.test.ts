import { noScores, scoreBin } from '@skerry/core/monitors/calibration'
import { expect, test } from 'vitest'
import { countScores } from './score-counter.ts'

const floats = (name: string, columns: number, values: readonly number[]) => ({
  name,
  datatype: 'FP32' as const,
  shape: [values.length / columns, columns],
  data: new Uint8Array(Float32Array.from(values).buffer),
})

const labels = (values: readonly bigint[]) => ({
  name: 'label',
  datatype: 'INT64' as const,
  shape: [values.length],
  data: new Uint8Array(BigInt64Array.from(values).buffer),
})

const SCORES = { classes: ['0', '1'] }

test('shares, logits and named classes count alike, and NaN does not count', () => {
  const counts = noScores(2)
  countScores(counts, SCORES, [floats('p', 3, [0.9, 0.1, 0, 0.1, 0.2, 0.7, Number.NaN, 0, 1])], 3)
  countScores(counts, SCORES, [floats('z', 2, [0, Math.log(9)])], 1)
  countScores(counts, SCORES, [labels([1n]), floats('p', 2, [0.9, 0.1])], 1)
  countScores(counts, SCORES, [floats('p', 1, [0.1])], 1)
  countScores(counts, { ...SCORES, output: 'other' }, [floats('p', 2, [1, 0])], 1)
  countScores(counts, undefined, [floats('p', 2, [1, 0])], 1)
  const sums = [...counts.classes, counts.rest].map((bins) => bins.reduce((sum, count) => sum + count, 0))
  expect(sums).toEqual([2, 2, 1])
  expect(counts.classes[0]?.[scoreBin(0.9)]).toBe(2)
  expect(counts.rest[scoreBin(0.7)]).toBe(1)
})
