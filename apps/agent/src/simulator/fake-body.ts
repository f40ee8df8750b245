/**
 * Fake body: what a simulated device has in place of a disk, a runner and a network for bytes. It takes the time that real ones take, and
 * fails as it is told to. Every byte of a file is there at once when its time is over; nothing is computed.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ShadowStats } from '@skerry/contract/devices/item'
import type { Shadow } from '@skerry/contract/models/serving'
import type { Digest } from '@skerry/contract/values/digest'
import { isSameLoad } from '@skerry/core/device/item-life'
import type { Clock } from '@skerry/platform/process/clock'
import type { Driver, DriverAnswer } from '../kinds/driver.ts'
import { sameDriver } from '../kinds/drivers.ts'
import type { ReconcilerDeps } from '../reconcile/reconciler.ts'
import type { Loaded } from '../runner/runner-slot.ts'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'

export type Timing = {
  /** Until a file has arrived. */
  fetchMs: number
  loadMs: number
  goldenMs: number
}

/** What a version does on this device when it is tried. */
export type Verdict = 'fits' | 'load_failed' | 'golden_mismatch'

export type FakeBodyDeps = {
  clock: Clock
  timing: Timing
  /** Asked when a version is loaded; `isFirst` while none has served yet. */
  judge(item: DesiredItem, isFirst: boolean): Verdict
  /** Requests that clients send to each version that serves. */
  requestsPerSecond: number
  signal: AbortSignal
  /** The files that it has; what is loaded is lost with the power, these are not. */
  disk: Map<Digest, number>
}

export type BodyParts = Pick<
  ReconcilerDeps,
  'blobs' | 'index' | 'files' | 'download' | 'drivers' | 'memoryAvailableBytes'
> & { endpoints: RunnerSupervisor['endpoints'] }

/** 8 GB of disk and of memory, of which nothing is ever taken away: fit is the device plan's, and is tested there. */
const FREE_BYTES = 8e9

/** One that has just been switched on. */
export function createFakeBody(deps: FakeBodyDeps): BodyParts {
  const { disk } = deps
  return {
    blobs: {
      has: async (digest) => disk.has(digest),
      freeBytes: async () => FREE_BYTES,
      async verify(digest) {
        const sizeBytes = disk.get(digest)
        return sizeBytes === undefined
          ? { ok: false, code: 'blob_unknown', message: `${digest} is not stored here` }
          : { ok: true, sizeBytes }
      },
    },
    index: {
      blobs: () => disk,
      parts: async () => NO_PARTS,
      add: (digest, sizeBytes) => void disk.set(digest, sizeBytes),
      drop: (digest) => void disk.delete(digest),
      remove: async (digest) => void disk.delete(digest),
      rescan: async () => {},
      removePart: async () => true,
    },
    files: {
      keepOnly: async () => {},
    },
    async download({ sizeBytes }, signal) {
      await deps.clock.sleep(deps.timing.fetchMs, signal)
      return { ok: true, sizeBytes, receivedBytes: sizeBytes }
    },
    drivers: sameDriver(createFakeDriver(deps)),
    endpoints: () => ENDPOINTS,
    memoryAvailableBytes: () => FREE_BYTES,
  }
}

const NO_PARTS: ReadonlyMap<Digest, number> = new Map()
const DONE: DriverAnswer = { ok: true }

type Slot = {
  item: DesiredItem
  servingSinceMs: number | undefined
  shadow?: { sinceMs: number; rules: Shadow }
}

function createFakeDriver({ clock, timing, judge, requestsPerSecond, signal }: FakeBodyDeps): Driver {
  let slots: Slot[] = []
  let hasServed = false
  const requestsSince = (ms: number) => Math.floor(((clock.monotonicMs() - ms) / 1_000) * requestsPerSecond)
  const loadedOf = ({ item, servingSinceMs, shadow }: Slot): Loaded => {
    const stats = { requests: 0, failures: 0 }
    if (shadow)
      return { item, stats, shadow: { ...shadow, stats: shadowStats(shadow.rules, requestsSince(shadow.sinceMs)) } }
    if (servingSinceMs === undefined) return { item, stats }
    const requests = requestsSince(servingSinceMs)
    return { item, servingSinceMs, stats: { requests, failures: 0, p50Us: 900, p99Us: 4_000 } }
  }
  return {
    loaded: () => slots.map(loadedOf),
    async load(item) {
      await clock.sleep(timing.loadMs, signal)
      if (judge(item, !hasServed) === 'load_failed') {
        return { ok: false, code: 'model_load_failed', message: 'the simulated runtime cannot load this version' }
      }
      slots = [...slots, { item, servingSinceMs: undefined }]
      return DONE
    },
    async prove(item) {
      await clock.sleep(timing.goldenMs, signal)
      if (judge(item, !hasServed) !== 'golden_mismatch') return DONE
      return { ok: false, code: 'golden_mismatch', message: 'the simulated hardware computes other numbers' }
    },
    async mirror(item, rules) {
      const shadow = { sinceMs: clock.monotonicMs(), rules }
      slots = slots.map((slot) => (isIn(slot, item) ? { ...slot, shadow } : slot))
      return DONE
    },
    async activate(item) {
      hasServed = true
      slots = slots.map((slot) => switched(slot, item, clock.monotonicMs()))
      return DONE
    },
    async unload(item) {
      slots = slots.filter((slot) => !isIn(slot, item))
      return DONE
    },
    deactivate: async () => DONE,
  }
}

/** Whatever it is asked, it answers as the serving version does. */
function shadowStats({ share }: Shadow, requests: number): ShadowStats {
  const compared = Math.floor(requests * share)
  return {
    compared,
    matched: compared,
    mismatched: 0,
    errors: 0,
    dropped: 0,
    maxDifference: 0,
    p50Us: 900,
    p99Us: 4_000,
  }
}

const ENDPOINTS = { rest: { host: '127.0.0.1', port: 8500 }, grpc: { host: '127.0.0.1', port: 8501 } }

const isIn = (slot: Slot, item: DesiredItem) => slot.item.name === item.name && isSameLoad(slot.item, item)

function switched(slot: Slot, item: DesiredItem, nowMs: number): Slot {
  if (slot.item.name !== item.name) return slot
  return { item: slot.item, servingSinceMs: isIn(slot, item) ? nowMs : undefined }
}
