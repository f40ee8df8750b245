/** The memory of a watched feature: at its most, with the open window, those that nobody has taken, and the grid of a tag. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Watch } from '@skerry/contract/held/monitors'
import { EDGES_MAX, FEATURES_MAX } from '@skerry/contract/monitors/profile'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import { createWindowCounter } from './window-counter.ts'

/** The limit that the design sets. */
const BYTES_MAX = 64 * 1_024

const WINDOW_MS = 1_000
const ROWS = 64

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function bytesInUse(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The most edges that a profile can have, and values in each bin. */
const watchOf = (hasGrid: boolean): Watch => ({
  model: 'm',
  version: 1,
  profile: digestOf('profile'),
  windowMs: WINDOW_MS,
  features: Array.from({ length: FEATURES_MAX }, (_, column) => ({
    feature: `x[${column}]`,
    side: 'input',
    tensor: 'x',
    column,
    edges: Array.from({ length: EDGES_MAX }, (_, at) => at + 0.5),
    ...(hasGrid && { hasGrid: true as const }),
  })),
})

/** Each column visits all bins, also those of a grid of 64. */
const values = Float64Array.from({ length: ROWS * FEATURES_MAX }, (_, at) => ((at * 7.13) % 63) + 0.01)
const tensor = {
  name: 'x',
  datatype: 'FP64' as const,
  shape: [ROWS, FEATURES_MAX],
  data: new Uint8Array(values.buffer),
}

function bytesPerFeature(hasGrid: boolean, windows: number): number {
  const before = bytesInUse()
  const counter = createWindowCounter(watchOf(hasGrid))
  for (let window = 1; window <= windows; window++) counter.inputs([tensor], ROWS, window * WINDOW_MS)
  const bytes = (bytesInUse() - before) / FEATURES_MAX
  // The counter is in use until here, so that no garbage is measured.
  expect(counter.openRows()).toBeGreaterThanOrEqual(ROWS)
  return bytes
}

test.each([
  ['of a model', false],
  ['of a source, with a grid', true],
])('a feature %s takes at most 64 kB, also when nobody takes its windows', (_name, hasGrid) => {
  bytesPerFeature(hasGrid, 3)
  const [open, most] = [bytesPerFeature(hasGrid, 1), bytesPerFeature(hasGrid, 100)]
  expect(open).toBeGreaterThan(EDGES_MAX * 8)
  expect(most).toBeGreaterThan(open)
  expect(most).toBeLessThanOrEqual(BYTES_MAX)
})
