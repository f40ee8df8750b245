/**
 * Window memory child: the memory of a watched feature at its most, in a process that does nothing else. Prints the bytes
 * of a feature with one window, and with a hundred that nobody takes. `grid` as the argument watches tags.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Watch } from '@skerry/contract/held/monitors'
import { EDGES_MAX, FEATURES_MAX } from '@skerry/contract/monitors/profile'
import { digestOf } from '@skerry/platform/files/hash'
import { createWindowCounter } from '../../src/monitors/window-counter.ts'

const WINDOW_MS = 1_000
const ROWS = 64

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Collects until nothing more is freed: compiled code and its caches go a round later than values. */
function bytesInUse(): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS_MAX; round++) {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    if (heapUsed + arrayBuffers >= least) break
    least = heapUsed + arrayBuffers
  }
  return least
}

/** Two rounds are usual. */
const ROUNDS_MAX = 10

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
  if (counter.openRows() < ROWS) throw new Error('the counter counted nothing')
  return bytes
}

const hasGrid = process.argv[2] === 'grid'
// The first rounds also measure compiled code, and the garbage of the start.
for (const windows of [100, 1, 100]) bytesPerFeature(hasGrid, windows)
process.stdout.write(JSON.stringify({ open: bytesPerFeature(hasGrid, 1), most: bytesPerFeature(hasGrid, 100) }))
