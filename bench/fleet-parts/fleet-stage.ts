/** Fleet stage: a hub and a process of simulated devices, for measurements on them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HubHome, type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { type Simulator, startSimulator } from './fleet-phases.ts'
import { PROBE_FILE, PROBE_NAME } from './fleet-probe.ts'

/** `hub` is another one once it was killed and started again. */
export type Bench = { home: HubHome; hub: HubProgram; simulator: Simulator; devices: number }

/**
 * Connections that are on their way at a time: enough that neither side waits for the other, few enough that none waits
 * for seconds.
 */
export const AT_ONCE = 256

/** Runs the benchmark of the name. Both processes end with it, and their files are removed. */
export async function onFleet<Figures extends object>(
  benchmark: string,
  devices: number,
  measure: (bench: Bench) => Promise<Figures>,
): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), `skerry-bench-${benchmark}-`))
  try {
    const home = { ...(await newHubHome(folder)), env: await environmentOf(folder) }
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

export const pidOf = async (hub: HubProgram) => Number((await hub.waitFor('hub_ready')).pid)

/**
 * The hub starts with the options of its image, and with the probe. `NODE_OPTIONS` of the caller replace those of the
 * image, to compare others.
 */
async function environmentOf(folder: string): Promise<NodeJS.ProcessEnv> {
  const image = await readFile(join(import.meta.dirname, '../../deploy/Dockerfile'), 'utf8')
  const packaged = Object.fromEntries(
    [...image.matchAll(/^ENV (MALLOC_ARENA_MAX|NODE_OPTIONS)=(.+)$/gm)].map(([, name = '', value]) => [name, value]),
  )
  const options = process.env.NODE_OPTIONS ?? packaged.NODE_OPTIONS ?? ''
  return {
    ...packaged,
    NODE_OPTIONS: `${options} --import ${join(import.meta.dirname, 'fleet-probe.ts')}`,
    [PROBE_FILE]: join(folder, PROBE_NAME),
  }
}
