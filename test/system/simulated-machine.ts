/** Simulated machine: a device of the simulation that can lose its power, whose body and records are looked at for what must never happen. */

import { loadedBy, sameDriver } from '@skerry/agent/kinds/drivers'
import type { connectLink } from '@skerry/agent/link/link-connection'
import { createFakeBody } from '@skerry/agent/simulator/fake-body'
import { simulatedInventory } from '@skerry/agent/simulator/fleet'
import { createFigures } from '@skerry/agent/simulator/fleet-figures'
import { createGate } from '@skerry/agent/simulator/gate'
import { createMemoryStore } from '@skerry/agent/simulator/memory-store'
import { createSimulatedDevice } from '@skerry/agent/simulator/simulated-device'
import type { AgentStore } from '@skerry/agent/store/agent-store'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Behaviour } from '@skerry/contract/devices/simulation'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { DownloadProblem } from '@skerry/platform/blobs/blob-download'
import type { EventClock } from '@skerry/testkit/simulation/event-clock'
import { simulatedJobs } from './simulated-jobs.ts'
import { createLocks, keepsUpdateLaws, type MachineLocks } from './update-laws.ts'

export type MachineDeps = {
  deviceId: DeviceId
  index: number
  organisationId: OrganisationId
  trustedKeys: readonly string[]
  behaviour: Behaviour | undefined
  /** How far its clock is off. */
  skewMs: number
  clock: EventClock
  random: () => number
  connect: typeof connectLink
  /** Whether the hub's bytes can be had now. */
  canFetch(): boolean
  /** The share of fetched files that the disk ruins. */
  rot(): number
  fails(item: DesiredItem): boolean
  /** What real requests show of a version that loads and answers its golden inputs. */
  flawOf(item: DesiredItem): Flaw | undefined
  isForged(item: DesiredItem): boolean
  /** Something that must never happen has. */
  broken(law: string, detail: unknown): void
}

/** failing: some of its requests fail. differing: as a shadow, some of its answers are others. */
type Flaw = 'failing' | 'differing'

export type Machine = {
  deviceId: DeviceId
  locks: MachineLocks
  store: AgentStore
  isOn(): boolean
  powerOn(): void
  cutPower(): void
  /** What answers requests now, by model. */
  serving(): Map<string, DesiredItem>
}

/** Enough that probations and shadows have something to judge by. */
const REQUESTS_PER_SECOND = 4

/** A small computer starts in so long. */
const REBOOT_MS = 5_000

type Body = ReturnType<typeof createFakeBody>

/** Has no power yet. */
export function createMachine(deps: MachineDeps): Machine {
  const { deviceId, index, behaviour, random, clock: time, skewMs } = deps
  const clock = { ...time, nowMs: () => Math.max(0, time.nowMs() + skewMs) }
  const store = watchStore(createMemoryStore(clock, new Map()), deps)
  // As the device itself reads it, which may be hours off besides.
  let ownClock: { nowMs(): number } = clock
  const locks = createLocks({ nowMs: () => ownClock.nowMs() })
  let drivers: Body['drivers'] | undefined
  let power: AbortController | undefined
  const reboot = () => {
    cutPower()
    time.after(REBOOT_MS, powerOn)
  }
  const device = createSimulatedDevice(
    {
      behaviour,
      random,
      store,
      inventory: simulatedInventory(index),
      locks: locks.read,
      makeJobs: simulatedJobs({ ...deps, reboot }),
      membership: { deviceId, name: `machine-${index}`, certificate: '', privateKey: '', index },
      makeBody(bodyDeps) {
        ownClock = bodyDeps.clock
        const body = watchBody(createFakeBody(bodyDeps), deps)
        const kept = keepsUpdateLaws(body, { store, locks, deviceId, clock: bodyDeps.clock, broken: deps.broken })
        drivers = kept.drivers
        return kept
      },
    },
    {
      hub: 'https://hub',
      ca: '',
      trustedKeys: [],
      clock,
      figures: createFigures(),
      gate: createGate(1),
      shared: new Map(),
      requestsPerSecond: REQUESTS_PER_SECOND,
      takesJobs: false,
      connect: deps.connect,
      fails: deps.fails,
      signatureProblem: (item) =>
        deps.isForged(item) ? { code: 'signature_invalid', message: 'nobody whom we trust signed it' } : undefined,
    },
  )
  const powerOn = () => {
    if (power) return
    power = new AbortController()
    void device.run(() => {}, power.signal).catch((error: unknown) => deps.broken('a device ended by itself', error))
  }
  const cutPower = () => {
    power?.abort(new Error('the power is off'))
    power = undefined
  }
  return {
    deviceId,
    locks,
    store,
    powerOn,
    cutPower,
    isOn: () => power !== undefined,
    serving: () =>
      new Map(
        ((drivers && loadedBy(drivers)) ?? []).flatMap(({ item, servingSinceMs }) =>
          servingSinceMs === undefined ? [] : [[item.name, item]],
        ),
      ),
  }
}

/** Generations only rise on a device. */
function watchStore(store: AgentStore, { broken, deviceId }: MachineDeps): AgentStore {
  return {
    ...store,
    saveDocument(document) {
      const before = store.document()?.generation ?? 0
      if (document.generation <= before) broken('generations rise', { deviceId, before, now: document.generation })
      store.saveDocument(document)
    },
    [Symbol.dispose]() {},
  }
}

const UNREACHABLE: DownloadProblem = {
  ok: false,
  code: 'server_unreachable',
  message: 'the hub cannot be reached',
  retryable: true,
}

/** What is loaded has been verified since the power came, byte by byte, and was signed by somebody trusted. */
function watchBody(body: Body, deps: MachineDeps): Body {
  const { broken, deviceId, isForged, random } = deps
  const verified = new Set<Digest>()
  const rotten = new Set<Digest>()
  const driver = body.drivers.model
  return {
    ...body,
    async download(file, signal) {
      const result = await body.download(file, signal)
      if (!deps.canFetch()) return UNREACHABLE
      verified.delete(file.digest)
      if (random() < deps.rot()) rotten.add(file.digest)
      return result
    },
    blobs: {
      ...body.blobs,
      async verify(digest, signal) {
        if (rotten.delete(digest)) return { ok: false, code: 'blob_damaged', message: 'the disk has ruined it' }
        const verdict = await body.blobs.verify(digest, signal)
        if (verdict.ok) verified.add(digest)
        return verdict
      },
    },
    drivers: sameDriver({
      ...driver,
      loaded: () => driver.loaded()?.map((loaded) => showFlaw(loaded, deps.flawOf(loaded.item))),
      load(item, isolation, signal) {
        const isSound = item.files.every(({ digest }) => verified.has(digest))
        if (!isSound || isForged(item)) broken('only what was verified runs', { deviceId, item: item.digest })
        return driver.load(item, isolation, signal)
      },
    }),
  }
}

type Loaded = NonNullable<ReturnType<typeof loadedBy>>[number]

/** One in four of its requests. */
function showFlaw(loaded: Loaded, flaw: Flaw | undefined): Loaded {
  const { stats, shadow } = loaded
  if (flaw === 'failing') return { ...loaded, stats: { ...stats, failures: Math.floor(stats.requests / 4) } }
  if (flaw !== 'differing' || !shadow) return loaded
  const { compared } = shadow.stats
  const mismatched = Math.floor(compared / 4)
  return { ...loaded, shadow: { ...shadow, stats: { ...shadow.stats, mismatched, matched: compared - mismatched } } }
}
