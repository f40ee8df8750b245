/**
 * update, its fleet: how long a rollout of an agent package takes until each simulated device reports the new version.
 * The devices have the agent's own decisions and link. Their programs do not restart, so the bench adds no time for it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLine } from '../../examples/stage/command-line.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { until } from '../fleet-parts/fleet-phases.ts'
import { AT_ONCE, type Bench, onFleet } from '../fleet-parts/fleet-stage.ts'

const AGENT = 'skerry-agent'
const SEED = 1

/** The number of devices that a person updates at once. */
export const updateFleet = (devices: number): Promise<object> => onFleet('update', devices, measure)

async function measure({ hub, simulator, devices }: Bench) {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-packages-'))
  try {
    const skerry = commandLine(hub, folder)
    for (const version of ['0.1.0', '0.1.1']) {
      const target = join(folder, `${version}.tar`)
      // The processor of simulated devices.
      await buildAgentPackage({ target, version, architecture: 'arm64' })
      await skerry('agent', 'push', target)
    }
    await hub.client.site.apply({ name: 'bench', kind: 'edge' })
    const { token } = await hub.client.token.create({ site: 'bench', usesMax: devices })
    await simulator.ask({ kind: 'join', token, count: devices, seed: SEED })
    await simulator.ask({ kind: 'open', seed: SEED, shares: {}, failingVersions: [], requestsPerSecond: 1 })
    await simulator.ask({ kind: 'start', atOnce: AT_ONCE })
    const update = async (version: number) => {
      const startedMs = performance.now()
      const spec = { name: 'agents', deployable: AGENT, version: String(version), probation: { seconds: 0 } }
      await hub.client.deployment.apply(spec)
      await until(async () => {
        const figure = (await simulator.figures()).versions[`${AGENT}:${version}`]
        return figure && figure.active >= devices ? figure : undefined
      }, `agent ${version} on every device`)
      return Math.round(performance.now() - startedMs)
    }
    const firstMs = await update(1)
    return { firstMs, fleetUpdateMs: await update(2), goalMs: 60_000 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
