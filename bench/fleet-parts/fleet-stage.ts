/** Fleet stage: a hub and a process of simulated devices, for what is measured on them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HubHome, type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { type Simulator, startSimulator } from './fleet-phases.ts'

/** `hub` is another one once it was killed and started again. */
export type Bench = { home: HubHome; hub: HubProgram; simulator: Simulator; devices: number }

/** Connections that are on their way at a time: enough that neither side waits for the other, few enough that none waits for seconds. */
export const AT_ONCE = 256

/** Runs the benchmark of the name; both processes end with it, and what they wrote goes. */
export async function onFleet<Figures extends object>(
  benchmark: string,
  devices: number,
  measure: (bench: Bench) => Promise<Figures>,
): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), `skerry-bench-${benchmark}-`))
  try {
    const home = await newHubHome(folder)
    const hub = await startHub(home)
    using simulator = await startSimulator()
    const bench: Bench = { home, hub, simulator, devices }
    try {
      return { benchmark, devices, ...(await measure(bench)) }
    } finally {
      await bench.hub.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
