/** Cost: the processor's time to count a row of eight features, and the memory of a feature. */
import { createWindowCounter } from '../../apps/agent/src/monitors/window-counter.ts'
import { benchProfile, COLUMNS, PROFILE_DIGEST, rowValues } from './monitor-profile.ts'

const ROUNDS = 2_000
const ROWS_AT_ONCE = 50

/** The clock of the counter moves, so that the limit of rows in a second leaves none out. */
export function rowCost() {
  const { features } = benchProfile()
  const counter = createWindowCounter({
    model: 'bench',
    version: 1,
    profile: PROFILE_DIGEST,
    windowMs: 300_000,
    features: features.map(({ feature, side, tensor, column, edges }) => ({
      feature,
      side,
      tensor,
      edges,
      ...(column !== undefined && { column }),
    })),
  })
  const values = rowValues(ROWS_AT_ONCE)
  const tensor = {
    name: 'x',
    datatype: 'FP32' as const,
    shape: [ROWS_AT_ONCE, COLUMNS],
    data: new Uint8Array(values.buffer),
  }
  const count = (round: number) => counter.inputs([tensor], ROWS_AT_ONCE, round * 1_000)
  for (let round = 0; round < ROUNDS; round++) count(round)
  const before = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round++) count(round)
  const { user, system } = process.cpuUsage(before)
  const bytesPerWindow = JSON.stringify(counter.flush(ROUNDS * 1_000).at(-1)).length
  return {
    usPerRow: (user + system) / (ROUNDS * ROWS_AT_ONCE),
    bytesPerFeatureAndWindow: Math.round(bytesPerWindow / COLUMNS),
    bytesPerFeatureDeviceAndDay: Math.round((bytesPerWindow / COLUMNS) * 288),
  }
}
