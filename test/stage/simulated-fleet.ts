/** A fleet of simulated devices in this process, on a hub that is a process of its own. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fleet, openFleet, simulatedInventory } from '@skerry/agent/simulator/fleet'
import { joinFleet } from '@skerry/agent/simulator/fleet-joining'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { BehaviourShares } from '@skerry/contract/devices/simulation'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until as untilFound } from '@skerry/testkit/until'
import type * as z from 'zod'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const MODEL = 'sensor'

export type FleetStage = AsyncDisposable & {
  hub(): HubProgram
  fleet: Fleet
  /** Kills the hub without a word, and starts it again on what it left. */
  killHub(): Promise<void>
  push(): Promise<number>
  /** Deploys the version; gives its rollout's id. */
  deploy(version: number, strategy?: z.input<typeof DeploymentSpec>['strategy']): Promise<Rollout>
  /** Waits until all devices are connected and stand where the hub wants them. */
  agreed(): Promise<unknown>
  offered(version: number): number
  /** How many devices serve each version, by what they say themselves. */
  serving(): Record<string, number>
}

type Rollout = Parameters<HubProgram['client']['rollout']['get']>[0]['rollout']

export type StageOptions = {
  devices: number
  /** One that runs already, and is not this stage's to end. */
  hub?: HubProgram
  shares?: BehaviourShares
  failingVersions?: readonly number[]
  /** Where the hub keeps its data, such as on a disk of its own. */
  data?: string
}

/** A hub with so many devices, all connected. */
export async function openFleetStage({
  devices,
  shares = {},
  failingVersions = [],
  hub: given,
  data,
}: StageOptions): Promise<FleetStage> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'skerry-fleet-test-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const home = await newHubHome(folder)
  if (data !== undefined) await mkdir(data).then(() => symlink(data, join(folder, 'hub')))
  let hub = given ?? (await startHub(home))
  stack.defer(async () => {
    if (!given) await hub.stop()
  })
  await hub.client.site.apply({ name: 'plant', kind: 'edge' })
  const { token } = await hub.client.token.create({ site: 'plant', usesMax: devices })
  const joined = await joinFleet(
    {
      tokens: [token],
      nameOf: (index) => `sim-test-${index}`,
      inventoryOf: simulatedInventory,
      count: devices,
      onJoined: () => {},
    },
    new AbortController().signal,
  )
  if (!joined.ok) throw new Error(joined.message)
  const fleet = stack.use(
    openFleet({
      joined,
      seed: 7,
      shares,
      clock: systemClock,
      requestsPerSecond: 1,
      takesJobs: true,
      failingVersions: failingVersions.map((version) => `${MODEL}:${version}`),
    }),
  )
  await fleet.start(32)
  let pushed = 0
  const resources = stack.move()
  return {
    hub: () => hub,
    fleet,
    async killHub() {
      await hub.kill()
      await until(() => fleet.census().connected === 0, fleet.census)
      hub = await startHub(home)
    },
    async push() {
      pushed += 1
      const { version } = await pushModel(hub, { model: MODEL, bytes: model(pushed), golden: GOLDEN })
      return version.version
    },
    async deploy(version, strategy) {
      const probation = { seconds: 0 }
      const spec = { name: MODEL, model: MODEL, version: String(version), probation }
      return (await hub.client.deployment.apply({ ...spec, ...(strategy ? { strategy } : {}) })).deployment.rolloutId
    },
    agreed: () => until(() => fleet.census().agreed === devices, fleet.census),
    offered: (version) => fleet.figures().versions[`${MODEL}:${version}`]?.offered ?? 0,
    serving: () => countServing(fleet),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** A rollout through the whole fleet is many steps; the limit of the tests lies above. */
const ROLLOUT_MS = 3 * PATIENCE_MS

/** What there was to see where it was in vain: how the fleet stands, by itself. */
export const until = (isSo: () => boolean | Promise<boolean>, seen?: () => unknown) =>
  untilFound(isSo, { patienceMs: ROLLOUT_MS, everyMs: 20, ...(seen && { seen }) })

function countServing(fleet: Fleet): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { items } of fleet.truth()) {
    const version = String(items.find((item) => item.model === MODEL)?.serving)
    counts[version] = (counts[version] ?? 0) + 1
  }
  return counts
}

const GOLDEN = { cases: [{ inputs: { x: floatTensor([1, 2], [1, 2]) } }] }

/** y = x · w, with other weights for each seed. */
function model(seed: number): Uint8Array<ArrayBuffer> {
  const built = buildModel({
    nodes: [{ operator: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    initialisers: [float32Tensor('w', [2], Float32Array.of(seed, 1))],
  })
  return new Uint8Array(writeModel(built))
}
