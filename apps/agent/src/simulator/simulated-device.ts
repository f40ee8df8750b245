/**
 * Simulated device: the agent's own reconciler, document acceptance, report and link, around a fake body. So its
 * decisions and messages are those of an agent. Its work only takes time.
 */

import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Inventory } from '@skerry/contract/devices/device'
import type { Cause } from '@skerry/contract/devices/item'
import type { Behaviour } from '@skerry/contract/devices/simulation'
import type { Digest } from '@skerry/contract/values/digest'
import type { UpdateLock } from '@skerry/core/device/update-hold'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { createConditions } from '../conditions.ts'
import { createKnownTime } from '../hub/known-time.ts'
import type { Jobs } from '../jobs/open-jobs.ts'
import type { Identity } from '../joining/identity.ts'
import { createLink, type Link } from '../link/link.ts'
import { connectLink } from '../link/link-connection.ts'
import { writeReport } from '../link/report.ts'
import { createReconciler } from '../reconcile/reconciler.ts'
import type { AgentStore } from '../store/agent-store.ts'
import { takeDocument } from '../take-document.ts'
import { createFakeBody, type Timing, type Verdict } from './fake-body.ts'
import { createFakeJobs, type JobLife } from './fake-jobs.ts'
import { createFakeMonitors, type WatchingFigures } from './fake-monitors.ts'
import type { FleetFigures } from './fleet-figures.ts'
import type { Membership } from './fleet-joining.ts'
import type { Gate } from './gate.ts'
import { createMemoryStore, type SharedItems } from './memory-store.ts'
import { between, type LinkStanding, newStanding, watchLink } from './watched-link.ts'

/** The common parts of all devices of a fleet. */
export type FleetGround = {
  hub: string
  ca: string
  trustedKeys: readonly string[]
  clock: Clock
  figures: FleetFigures
  gate: Gate
  shared: SharedItems
  signatureProblem(item: DesiredItem): Cause | undefined
  /** Whether the version fails on every device. */
  fails(item: DesiredItem): boolean
  /** Requests that each device serves. */
  requestsPerSecond: number
  /** Whether batches reach the devices: each then has one more stream on its link, as agents have. */
  takesJobs: boolean
  /** Present if each device follows its monitors and sends windows: one more stream, and one more message a window. */
  watching?: WatchingFigures | undefined
  /** Replaces the agent's own connection, if the network is simulated too. */
  connect?: typeof connectLink
}

export type DeviceCharacter = {
  membership: Membership
  behaviour: Behaviour | undefined
  random: () => number
  inventory: Inventory
  /** Replace the plain body and the plain records, for tests that watch them. */
  makeBody?: typeof createFakeBody
  store?: AgentStore
  /** The current update locks of its applications. None if it is absent. */
  locks?: () => Promise<readonly UpdateLock[]>
  /** Creates the part that carries out jobs in the life that begins, in place of the plain one. */
  makeJobs?: (life: JobLife) => Pick<Jobs, 'desk' | 'hearTime'>
}

export type SimulatedDevice = {
  membership: Membership
  behaviour: Behaviour | undefined
  standing: LinkStanding
  /**
   * Works until the signal aborts. A second run continues from its disk, as after a power cut. `onFirst` is called when
   * the hub has answered the first report, or the device could not connect.
   */
  run(onFirst: () => void, signal: AbortSignal): Promise<void>
}

/** In milliseconds. A small model over a good line. A slow device has an SD card and a modem. */
const TIMING: Timing = { fetchMs: 0, loadMs: 0, goldenMs: 0 }
const SLOW: Timing = { fetchMs: 4_000, loadMs: 5_000, goldenMs: 2_000 }
const SLOW_JOB_MS = 4_000

/** In milliseconds. More than the hour that the agent tolerates, and up to two days, in either direction. */
const SKEW_MS = { min: 2 * 3_600_000, max: 48 * 3_600_000 }

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT }

/** At the start the device does not run. */
export function createSimulatedDevice(character: DeviceCharacter, ground: FleetGround): SimulatedDevice {
  const standing = newStanding()
  const { membership, behaviour, random } = character
  const clock = behaviour === 'skewed' ? skewed(ground.clock, random) : ground.clock
  const device: Device = {
    ...character,
    ground,
    standing,
    clock,
    disk: new Map(),
    store: character.store ?? createMemoryStore(clock, ground.shared),
  }
  const run = behaviour === 'rebooting' ? liveAgainAndAgain : live
  return { membership, behaviour, standing, run: (onFirst, signal) => run(device, onFirst, signal) }
}

/** The parts of a device that last as long as it exists: a life ends with the power, the disk stays. */
type Device = DeviceCharacter & {
  ground: FleetGround
  standing: LinkStanding
  clock: Clock
  store: AgentStore
  disk: Map<Digest, number>
}

/** `restart` ends this life, and another begins. */
type LivingDevice = Device & { restart(): void }

async function live(device: Device, onFirst: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const power = new AbortController()
    await liveOnce({ ...device, restart: () => power.abort() }, onFirst, AbortSignal.any([signal, power.signal]))
    if (!signal.aborted) await rest(device, signal)
  }
}

async function liveOnce(device: LivingDevice, onFirst: () => void, signal: AbortSignal): Promise<void> {
  const { reconciler, link, jobs, monitors } = wire(device, onFirst, signal)
  const works = [
    reconciler.run(signal),
    link.run(signal),
    ...(jobs ? [jobs.desk.run(signal)] : []),
    ...(monitors ? [monitors.run(signal)] : []),
  ]
  await Promise.all(works.map((work) => work.catch((error: unknown) => endOf(error, signal))))
}

const rest = ({ clock, random }: Device, signal: AbortSignal): Promise<void> =>
  clock.sleep(between(DOWN_MS, random), signal).catch((error: unknown) => endOf(error, signal))

/** In milliseconds: long enough to connect and to try a version. Sometimes the power goes during the trial. */
const UP_MS = [20_000, 90_000] as const
/** The start time of a small computer, in milliseconds. */
const DOWN_MS = [5_000, 30_000] as const

async function liveAgainAndAgain(device: Device, onFirst: () => void, signal: AbortSignal): Promise<void> {
  const { clock, random } = device
  while (!signal.aborted) {
    const power = new AbortController()
    const life = AbortSignal.any([signal, power.signal])
    const cut = clock.sleep(between(UP_MS, random), signal).then(() => power.abort())
    await Promise.all([live(device, onFirst, life), cut.catch((error: unknown) => endOf(error, signal))])
    await rest(device, signal)
  }
}

/** Both loops end only when the signal aborts. */
function endOf(error: unknown, signal: AbortSignal): void {
  if (!signal.aborted) throw error
}

function wire(device: LivingDevice, onFirst: () => void, signal: AbortSignal) {
  const { membership, behaviour, random, inventory, ground, standing, clock, store } = device
  let touch = () => {}
  const conditions = createConditions(SILENT, () => touch())
  const body = (device.makeBody ?? createFakeBody)({
    clock,
    disk: device.disk,
    timing: behaviour === 'slow' ? SLOW : TIMING,
    judge: (item, isFirst) => judge(device, item, isFirst),
    requestsPerSecond: ground.requestsPerSecond,
    signal,
  })
  const reconciler = createReconciler({
    ...body,
    store,
    conditions,
    clock,
    random,
    log: SILENT,
    signatureProblem: ground.signatureProblem,
    floorBytes: () => 0,
    locks: device.locks ?? (async () => []),
    onChange: () => touch(),
  })
  const identity = identityOf(membership, ground)
  const bootId = bootIdOf(random)
  const sources = { store, runner: body, drivers: body.drivers, holds: reconciler.holds, conditions, clock, bootId }
  const life = { store, clock, bootId, restart: device.restart, reportNow: () => link.reportNow() }
  const jobs = makeJobs(device, life)
  const monitors = makeMonitors(device)
  const knownTime = createKnownTime(store, conditions, clock)
  const link: Link = createLink({
    clock,
    random,
    log: SILENT,
    conditions,
    identity: () => identity,
    privateKey: membership.privateKey,
    report: () => writeReport({ ...sources, inventory: async () => inventory }),
    onDocument(document) {
      if (takeDocument(document, identity.deviceId, { store, conditions, log: SILENT })) reconciler.wake()
      touch()
    },
    onHubTime(timeMs) {
      knownTime.hear(timeMs)
      jobs?.hearTime(timeMs)
    },
    held: monitors ? [monitors.held] : [],
    ...(monitors ? { telemetry: monitors.telemetry } : {}),
    ...(jobs ? { jobs: jobs.desk } : {}),
    // A certificate is valid for a year. No simulation lasts so long.
    renewal: { renewIfDue: async () => false, renewNow: async () => 0, rejoin: async () => undefined },
    connect: watchLink({
      clock,
      random,
      behaviour,
      standing,
      figures: ground.figures,
      gate: ground.gate,
      onFirst,
      connect: ground.connect ?? connectLink,
    }),
  })
  touch = link.touch
  return { reconciler, link, jobs, monitors }
}

/** Undefined if the fleet watches nothing. */
function makeMonitors({ ground: { watching, requestsPerSecond }, clock, random }: Device) {
  return watching && createFakeMonitors({ clock, random, requestsPerSecond, figures: watching })
}

/** Undefined if neither the device nor its fleet takes jobs. */
function makeJobs({ makeJobs: make, ground, membership, inventory, behaviour }: Device, life: JobLife) {
  if (make) return make(life)
  if (!ground.takesJobs) return undefined
  const { trustedKeys, figures } = ground
  const jobMs = behaviour === 'slow' ? SLOW_JOB_MS : 0
  return createFakeJobs({ membership, inventory, trustedKeys, figures, jobMs, log: SILENT }, life)
}

function judge({ behaviour, ground }: Device, item: DesiredItem, isFirst: boolean): Verdict {
  if (ground.fails(item)) return 'load_failed'
  if (isFirst) return 'fits'
  if (behaviour === 'failing') return 'load_failed'
  return behaviour === 'mismatch' ? 'golden_mismatch' : 'fits'
}

function skewed(clock: Clock, random: () => number): Clock {
  const skewMs = (SKEW_MS.min + (SKEW_MS.max - SKEW_MS.min) * random()) * (random() < 0.5 ? -1 : 1)
  return { ...clock, nowMs: () => Math.round(clock.nowMs() + skewMs) }
}

const identityOf = ({ deviceId, name, certificate }: Membership, { hub, ca, trustedKeys }: FleetGround): Identity => ({
  v: 1,
  deviceId,
  name,
  hub,
  certificate,
  ca,
  trustedKeys: [...trustedKeys],
  joinedWith: '',
})

const bootIdOf = (random: () => number) =>
  `boot-${Math.floor(random() * 2 ** 32)
    .toString(36)
    .padStart(7, '0')}`
