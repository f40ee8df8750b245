/**
 * Batch engine: tells devices, lets time pass, ends batches. It is woken when a batch or a device's stream changed, and every second while a
 * batch lives. All that it does is derived from rows, in transactions that are whole by themselves, so that each of several hubs can tell its
 * own devices. What it remembers is only whom it can tell.
 */
import { setImmediate } from 'node:timers/promises'
import { hubKinds } from '@skerry/contract/batches/batch-command'
import { type BatchId, DeviceId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import { stepBatch, type Tellable } from './batch-step.ts'
import { liveBatches } from './batch-store.ts'
import { waitingDevices, waitingFor } from './job-store.ts'

export type EngineHub = Pick<Hub, 'store' | 'bus' | 'clock' | 'log' | 'jobs'>

/** A start, a timeout and a rate are kept to the second. */
const TICK_MS = 1_000

/** While no batch lives: another hub may have sent one, and word of it may be lost. */
const IDLE_MS = 10_000

/** How often all that wait are looked at, in case an event about one was lost. 10,000 of them take 6 ms (measured, on SQLite). */
const SWEEP_MS = 30_000

/** Rows that are read in one go. */
const PAGE_ROWS = 1_000

/** Of a live batch: of which attempt, and whether those that were told know of its cancellation. */
type Ready = Tellable & { attempt: number; isCancelTold: boolean }

type Engine = EngineHub & {
  ready: Map<BatchId, Ready>
  /** Who has begun to follow since the last look. */
  arrived: Set<DeviceId>
  sweepDueAtMs: number
}

/** Starts one; it stops when it is put away. */
export function startBatchEngine(hub: EngineHub): AsyncDisposable {
  const engine: Engine = { ...hub, ready: new Map(), arrived: new Set(), sweepDueAtMs: 0 }
  const stop = new AbortController()
  let wake = () => {}
  // A device that is released from quarantine has been following all the while.
  const look = (key: string) => {
    const deviceId = DeviceId.parse(key)
    if (!hub.jobs.find(deviceId)) return
    engine.arrived.add(deviceId)
    wake()
  }
  const stops = [
    hub.bus.subscribe('batch.changed', undefined, () => wake()),
    hub.bus.subscribe('device.changed', undefined, look),
  ]
  hub.jobs.onFollow((deviceId) => {
    engine.arrived.add(deviceId)
    wake()
  })
  const working = work(engine, stop.signal, (waker) => {
    wake = waker
  })
  return {
    async [Symbol.asyncDispose]() {
      for (const unsubscribe of stops) unsubscribe()
      stop.abort()
      wake()
      await working
    },
  }
}

async function work(engine: Engine, signal: AbortSignal, onWait: (wake: () => void) => void): Promise<void> {
  while (!signal.aborted) {
    const woken = Promise.withResolvers<void>()
    onWait(woken.resolve)
    const isLive = await pass(engine).catch((error: unknown) => {
      engine.log.error('batch_engine_failed', { error })
      return true
    })
    const ended = new AbortController()
    const tick = engine.clock.sleep(isLive ? TICK_MS : IDLE_MS, ended.signal).catch(() => undefined)
    await Promise.race([woken.promise, tick])
    ended.abort()
    // Lets whoever wakes the engine finish: a hundred streams that begin together are looked at together.
    await setImmediate()
  }
}

/** Does all that is due; true while a batch lives. */
async function pass(engine: Engine): Promise<boolean> {
  const live = await liveBatches(engine.store.db)
  const arrived = [...engine.arrived]
  engine.arrived.clear()
  const ids = new Set(live.map(({ id }) => id))
  for (const id of engine.ready.keys()) if (!ids.has(id)) engine.ready.delete(id)
  if (live.length === 0) return false
  await welcome(engine, arrived)
  await sweep(engine, live)
  for (const batch of live) await stepFully(engine, batch)
  return true
}

/** One query for a hundred devices that have come. */
async function welcome({ store, ready }: Engine, arrived: readonly DeviceId[]): Promise<void> {
  for (let at = 0; at < arrived.length; at += PAGE_ROWS) {
    const rows = await waitingFor(store.db, arrived.slice(at, at + PAGE_ROWS))
    for (const { batchId, deviceId } of rows) ready.get(batchId)?.devices.add(deviceId)
    await setImmediate()
  }
}

/** Who waits in batches that are new here, and now and then in all. */
async function sweep(engine: Engine, live: readonly BatchTable[]): Promise<void> {
  const nowMs = engine.clock.monotonicMs()
  const isDue = nowMs >= engine.sweepDueAtMs
  if (isDue) engine.sweepDueAtMs = nowMs + SWEEP_MS
  for (const batch of live) {
    const known = engine.ready.get(batch.id)
    if (isDue || known?.attempt !== batch.attempt) await findReady(engine, batch)
  }
}

async function findReady({ store, jobs, ready }: Engine, { id, kind, attempt }: BatchTable): Promise<void> {
  const able = new Set<DeviceId>()
  let after: DeviceId | undefined
  do {
    const page = await waitingDevices(store.db, { batchId: id, limit: PAGE_ROWS, after })
    for (const deviceId of page) if (hubKinds.has(kind) || jobs.find(deviceId)) able.add(deviceId)
    after = page.length === PAGE_ROWS ? page.at(-1) : undefined
    await setImmediate()
  } while (after)
  const known = ready.get(id) ?? { isCancelTold: false, timeoutsDueAtMs: 0 }
  ready.set(id, { ...known, attempt, devices: able })
}

async function stepFully(engine: Engine, { id, status }: BatchTable): Promise<void> {
  const ready = engine.ready.get(id)
  if (!ready) return
  if (status === 'cancelling' && !ready.isCancelTold) {
    engine.jobs.wakeTold(id)
    ready.isCancelTold = true
  }
  while (await stepBatch(engine, id, ready)) await setImmediate()
}
