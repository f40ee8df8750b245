import { expect, test } from 'vitest'
import { pushLimits } from './push-limits.ts'

const GIB = 1024 ** 3

test.each([
  [1, 2, 1],
  [1, 8, 2],
  [2, 16, 3],
  [6, 64, 6],
  [64, 512, 8],
])('%i cores and %i GiB try %i models at the same time', (cores, gib, workers) => {
  expect(pushLimits({ cores, memoryBytes: gib * GIB }).workers).toBe(workers)
})
