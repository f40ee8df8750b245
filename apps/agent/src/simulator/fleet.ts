/**
 * Fleet: thousands of simulated devices in one process, on real links to a real hub. It is for tests, for benchmarks,
 * and for people who must find the right size of a hub ("skerry simulate").
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Inventory } from '@skerry/contract/devices/device'
import type { Cause, ItemState } from '@skerry/contract/devices/item'
import type { BehaviourShares, SimulationCensus, SimulationFigures } from '@skerry/contract/devices/simulation'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'
import { signatureProblem } from '../verifying/version-check.ts'
import { assignBehaviours } from './behaviour.ts'
import { newWatchingFigures, type WatchingFigures } from './fake-monitors.ts'
import { createFigures, writeFigures } from './fleet-figures.ts'
import type { JoinedFleet } from './fleet-joining.ts'
import { createGate } from './gate.ts'
import { randomStream } from './random-stream.ts'
import { createSimulatedDevice, type FleetGround, type SimulatedDevice } from './simulated-device.ts'
import type { LinkStanding } from './watched-link.ts'

export type FleetOptions = {
  joined: JoinedFleet
  seed: number
  shares: BehaviourShares
  /** Versions that no device can load, as `model:version`. */
  failingVersions: readonly string[]
  requestsPerSecond: number
  /** Whether batches reach the devices. False if it is absent, because each device then needs one more stream. */
  takesJobs?: boolean
  /** Whether the devices follow their monitors, and send windows. False if it is absent. */
  hasMonitors?: boolean
  clock: Clock
}

export type DeviceTruth = {
  deviceId: DeviceId
  name: string
  generation: number
  isConnected: boolean
  items: readonly { name: string; version: number; state: ItemState; serving: number | undefined }[]
}

export type Fleet = AsyncDisposable & {
  /**
   * Starts the devices in order, with at most this many starting at a time. Resolves when the hub has received a report
   * of each, or it could not connect.
   */
  start(atOnce: number): Promise<void>
  /** A device with its last report before `sinceMs` (by the monotonic clock) does not count as agreeing. */
  census(sinceMs?: number): SimulationCensus
  figures(): SimulationFigures
  /** The monitors of the devices; all zero if they follow none. */
  watching(): WatchingFigures
  /** The state that each device itself knows, and that the hub has confirmed. */
  truth(): DeviceTruth[]
}

/**
 * More than the hub accepts at a time, so that its queue is full. Few enough that no device waits seconds for its own
 * process.
 */
const CONNECTING_MAX = 512

/** At the start no device runs. */
export function openFleet(options: FleetOptions): Fleet {
  const { joined, seed, shares, clock } = options
  const figures = createFigures()
  const watching = newWatchingFigures()
  const failing = new Set(options.failingVersions)
  const ground: FleetGround = {
    hub: joined.hub,
    ca: joined.ca,
    trustedKeys: joined.trustedKeys,
    clock,
    figures,
    requestsPerSecond: options.requestsPerSecond,
    takesJobs: options.takesJobs ?? false,
    watching: options.hasMonitors ? watching : undefined,
    gate: createGate(CONNECTING_MAX),
    shared: new Map(),
    signatureProblem: rememberProblems(joined.trustedKeys),
    fails: ({ name: model, version }) => failing.has(`${model}:${version}`),
  }
  const behaviours = assignBehaviours(joined.members.length, shares, randomStream(seed, 'behaviours'))
  const devices = joined.members.map((membership, index) =>
    createSimulatedDevice(
      {
        membership,
        behaviour: behaviours[index],
        random: randomStream(seed, `device ${membership.index}`),
        inventory: simulatedInventory(membership.index),
      },
      ground,
    ),
  )
  const running: Running[] = []
  let isOver = false
  return {
    async start(atOnce) {
      let next = 0
      const work = async () => {
        for (let device = devices[next++]; device && !isOver; device = devices[next++]) {
          await begin(device, running)
        }
      }
      const startedMs = clock.monotonicMs()
      await Promise.all(Array.from({ length: atOnce }, work))
      figures.connectMs = clock.monotonicMs() - startedMs
    },
    census: (sinceMs = 0) => takeCensus(devices, sinceMs),
    figures: () => writeFigures(figures),
    watching: () => ({ ...watching }),
    truth: () => devices.map(truthOf),
    async [Symbol.asyncDispose]() {
      isOver = true
      for (const { stop } of running) stop.abort()
      await Promise.all(running.map(({ done }) => done))
    },
  }
}

/**
 * A signal of its own for each device. One for all would have thousands of listeners, and each new listener costs a
 * walk past all of them.
 */
type Running = { stop: AbortController; done: Promise<void> }

function begin(device: SimulatedDevice, running: Running[]): Promise<void> {
  const stop = new AbortController()
  return new Promise((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(), { once: true })
    running.push({ stop, done: device.run(resolve, stop.signal) })
  })
}

/** A signature belongs to the version, not to a device. So a fleet with the same version checks it once. */
function rememberProblems(trustedKeys: readonly string[]): FleetGround['signatureProblem'] {
  const known = new WeakMap<DesiredItem, { problem: Cause | undefined }>()
  return (item) => {
    const found = known.get(item) ?? { problem: signatureProblem(item, { trustedKeys, document: undefined }) }
    known.set(item, found)
    return found.problem
  }
}

/** A small industrial computer. Its host name contains its place in the fleet. */
export const simulatedInventory = (index: number): Inventory => ({
  hostname: `simulated-${index}`,
  arch: 'arm64',
  os: 'linux 6.12 (simulated)',
  cpuModel: 'Cortex-A72',
  cpuCount: 4,
  memoryBytes: 4 * 2 ** 30,
  diskFreeBytes: 8e9,
  capabilities: ['onnx', 'agent'],
  opsetMax: 26,
})

function takeCensus(devices: readonly SimulatedDevice[], sinceMs: number): SimulationCensus {
  let connected = 0
  let agreed = 0
  for (const { standing } of devices) {
    if (!standing.isConnected) continue
    connected += 1
    if (standing.heardAtMs >= sinceMs && isAgreed(standing)) agreed += 1
  }
  return { devices: devices.length, connected, agreed }
}

function isAgreed({ heard, hubGeneration }: LinkStanding): boolean {
  if (!heard || hubGeneration === undefined || heard.observedGeneration !== hubGeneration) return false
  return heard.items.every(({ state }) => state === 'active' || state === 'failed')
}

const truthOf = ({ membership, standing }: SimulatedDevice): DeviceTruth => ({
  deviceId: membership.deviceId,
  name: membership.name,
  generation: standing.heard?.observedGeneration ?? 0,
  isConnected: standing.isConnected,
  items: standing.heard?.items ?? [],
})
