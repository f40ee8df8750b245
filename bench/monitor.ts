/**
 * monitor: the cost of counting values on a device, the time to merge the windows of a fleet, and the time from an alert to
 * the rollback. The goals are those of docs/models/monitors.md.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newHubHome, startAgent, startHub } from '../examples/stage/fleet.ts'
import { rowCost } from './monitor-parts/monitor-cost.ts'
import { mergeFleet } from './monitor-parts/monitor-merge.ts'
import { rollbackSeconds } from './monitor-parts/monitor-rollback.ts'
import { throughputRatio } from './monitor-parts/monitor-throughput.ts'

const GOALS = { usPerRow: 5, throughputRatio: 0.97, mergeSeconds: 1, rollbackSeconds: 10 }

/** Windows of 10,000 devices, as the goal says. */
const DEVICES = 10_000

/** Runs the benchmark; takes some three minutes. */
export async function run(): Promise<object> {
  const cost = rowCost()
  const merge = mergeFleet(DEVICES)
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-monitor-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    await using agent = await startAgent(hub, { site: { name: 'bench', kind: 'edge' }, device: 'bench-1', folder })
    const serving = await throughputRatio(hub, agent, join(folder, 'bench-1'))
    const acting = await rollbackSeconds(hub, agent)
    return { benchmark: 'monitor', goals: GOALS, ...cost, ...merge, ...serving, ...acting }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
