/**
 * Ledger: compares the scores at the hub with the scores at the plant's SCADA. Each got them by a path of its own, so
 * neither can hide a loss of the other.
 */
import { until } from '../stage/wait.ts'
import type { Told } from './scada.ts'
import type { Show } from './show.ts'

export const SCORE = 'pump-guard/score'
export const PLANT_SCORE = 'pump-1/score'

export type Comparison = { hub: number; scada: number; isSame: boolean }

/** More than a minute of ten values in a second has a place for each of them. */
const BUCKETS = 1_000

/**
 * Waits until both are beyond now and have the same earlier measurements. If one of them lacks a value, or has it
 * twice, they never agree.
 */
export async function agree(show: Show): Promise<Comparison> {
  const { plant, signal } = show
  const nowMs = Date.now()
  return until(
    'the hub and the SCADA to have the same scores',
    async () => {
      const comparison = await compare(show, nowMs)
      const isBeyond = [...plant.scada.told(PLANT_SCORE).keys()].some((timeMs) => timeMs > nowMs)
      return isBeyond && comparison.isSame ? comparison : undefined
    },
    signal,
  )
}

async function compare({ hub, agent, plant }: Show, toMs: number): Promise<Comparison> {
  const told = [...plant.scada.told(PLANT_SCORE)].filter(([timeMs]) => timeMs < toMs)
  const fromMs = Math.min(...told.map(([timeMs]) => timeMs))
  const asked = { device: agent.device, signal: SCORE, fromMs, toMs, buckets: BUCKETS }
  const { buckets, bucketMs } = await hub.client.telemetry.query(asked)
  const byBucket = Map.groupBy(told, ([timeMs]) => fromMs + Math.floor((timeMs - fromMs) / bucketMs) * bucketMs)
  const isSame =
    buckets.length === byBucket.size &&
    buckets.every(({ atMs, count, min, max }) => {
      const [lowest, highest] = extent(byBucket.get(atMs) ?? [])
      return count === byBucket.get(atMs)?.length && min === lowest && max === highest
    })
  return { hub: buckets.reduce((sum, { count }) => sum + count, 0), scada: told.length, isSame }
}

function extent(told: readonly [number, Told][]): [number, number] {
  const values = told.map(([, { value }]) => value)
  return [Math.min(...values), Math.max(...values)]
}
