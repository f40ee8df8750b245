/** Throughput: requests a second of one device with and without a monitor, in turn. The ratio counts. */
import type { AgentProgram, HubProgram } from '../../examples/stage/fleet.ts'
import { median } from '../serve-parts/serve-latency.ts'
import { askFor, deployNext, MODEL, ROWS } from './monitor-model.ts'

/** An odd number, so that the median is a measured value. The two are measured in turn, because other load comes and goes. */
const PAIRS = 7
const MS = 3_000

/** The device hears of a monitor within a second. */
const SETTLE_MS = 2_000

/** Deploys the model first. */
export async function throughputRatio(hub: HubProgram, agent: AgentProgram) {
  const { client } = hub
  await deployNext(hub, 1)
  await askFor(agent, MS)
  const perSecond: Record<'bare' | 'monitored', number[]> = { bare: [], monitored: [] }
  for (let pair = 0; pair < PAIRS; pair++) {
    const bare = await askFor(agent, MS)
    await client.monitor.set({ name: MODEL, spec: {} })
    await askFor(agent, SETTLE_MS)
    const monitored = await askFor(agent, MS)
    await client.monitor.remove({ name: MODEL })
    await askFor(agent, SETTLE_MS)
    perSecond.bare.push((bare * 1_000) / MS)
    perSecond.monitored.push((monitored * 1_000) / MS)
  }
  const [bare, monitored] = [median(perSecond.bare), median(perSecond.monitored)]
  return { rowsPerRequest: ROWS, requestsPerSecond: { bare, monitored }, throughputRatio: monitored / bare }
}
