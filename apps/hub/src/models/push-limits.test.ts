import { expect, test } from 'vitest'
import { pushLimits } from './push-limits.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3

test.each([
  [1, 0.5, 2, 300],
  [1, 2, 2, 512],
  [2, 4, 2, 1_024],
  [2, 7.5, 2, 1_920],
  [1, 8, 2, 2_048],
  [2, 16, 3, 2_048],
  [6, 64, 6, 2_048],
  [64, 512, 8, 2_048],
])(
  'a hub with %i cores and %d GiB tries %i models at the same time, each in %i MiB',
  (cores, gib, workers, trialMib) => {
    expect(pushLimits({ cores, memoryBytes: gib * GIB })).toMatchObject({ workers, trialBytes: trialMib * MIB })
  },
)

test.each([1, 3.9, 4, 7.7, 12, 100])(
  'a hub with %d GiB keeps a place free beside a slow push, and trials use at most half of the memory',
  (gib) => {
    const { workers, trialBytes } = pushLimits({ cores: 8, memoryBytes: gib * GIB })
    expect(workers).toBeGreaterThanOrEqual(2)
    if (gib > 1.2) expect(workers * trialBytes).toBeLessThanOrEqual((gib * GIB) / 2)
  },
)
