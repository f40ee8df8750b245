/**
 * Reconciler: brings the device into the state of its newest document, for ever. Each pass gathers the facts, gets the
 * plan from core, does the first step, and begins again. When nothing is left to do, it sleeps until something changes.
 * It does one step at a time, beside one transfer. Invariants: a record is durable before its consequence. The effect
 * of a runner's end is recorded before anything is loaded again.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import { type ActStep, type DeviceFacts, type DevicePlan, planDevice } from '@skerry/core/device/device-plan'
import { isActivating, isProving } from '@skerry/core/device/item-life'
import { ROOM_WAITS } from '@skerry/core/device/machine-hold'
import { lockCause, UPDATE_LOCKED, type UpdateLock, WINDOW_UNREADABLE } from '@skerry/core/device/update-hold'
import type { DataPlace } from '@skerry/core/places/data-class'
import { backoffMs } from '@skerry/core/values/backoff'
import type { DownloadResult } from '@skerry/platform/blobs/blob-download'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { windowStart } from '@skerry/platform/process/window-starts'
import type { Conditions } from '../conditions.ts'
import { type FetchLane, type FetchOutcome, openFetchLane } from '../fetching/fetch-lane.ts'
import { driverFacts, loadedBy } from '../kinds/drivers.ts'
import { createWakeUp } from '../wake-up.ts'
import { createFlowNeedsReader, type FlowNeedsReader } from './flow-needs-reader.ts'
import { noteBrokenSlots, noteRunnerEnd } from './runner-blame.ts'
import { type ExecutionDeps, executeStep } from './step-execution.ts'
import { noteUnload, type StuckUnloads, tellStuckUnloads } from './stuck-unloads.ts'
import { tellSuspicions } from './suspicion-conditions.ts'
import { createWaits, type Waits } from './waits.ts'

export type ReconcilerDeps = ExecutionDeps & {
  blobs: Pick<BlobFolder, 'freeBytes'>
  clock: Clock
  random: () => number
  log: Log
  conditions: Conditions
  download(file: { digest: DesiredItem['digest']; sizeBytes: number }, signal: AbortSignal): Promise<DownloadResult>
  memoryAvailableBytes(): number
  /** The machine's memory. Absent if it is unknown. */
  memoryTotalBytes?(): number
  /** The current update locks of applications on this device. */
  locks(): Promise<readonly UpdateLock[]>
  /** This many bytes of the disk stay free, even during transfers. */
  floorBytes(): number
  /** Names of the sources and sinks that are set up here. Absent if flows need not wait for them. */
  equipment?(): { sources: ReadonlySet<string>; sinks: ReadonlySet<string> }
  /** The classes of data here, and the limit of them. Absent if nobody classifies data. */
  dataPlace?(): DataPlace
  /** A part of the report may have changed. */
  onChange(): void
}

export type Reconciler = {
  /** Something changed: start another pass. */
  wake(): void
  /** The holds by windows and locks, by name, as of the last pass. */
  holds(): DevicePlan['holds']
  /** The runner's statistics arrived: start another pass if they may matter. */
  beat(): void
  /** The runner ended by itself. */
  runnerEnded(crash: RunnerCrash): void
  /** The agent is being stopped, and no work continues. So a cut activation is nobody's fault. */
  stopped(): void
  /**
   * Deletes files that no record names, after all other work. Resolves with their number and size. Rejects when the
   * signal aborts.
   */
  collect(signal: AbortSignal): Promise<Collected>
  /** Works until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

export type Collected = { files: number; bytes: number }

/** In milliseconds. Free space and memory come back without an event. */
const IDLE_PASS_MS = 60_000

/** In milliseconds. A failure of the machine (no room, no memory) is tried again soon, then ever later. */
const BACKOFF = { baseMs: 1_000, maxMs: 300_000 }

type Reconciling = ReconcilerDeps & {
  waits: Waits
  stuck: StuckUnloads
  wake(): void
  lane: FetchLane
  flowNeeds: FlowNeedsReader
  /** Not written into the records yet. */
  ends: RunnerCrash[]
  fetches: Exclude<FetchOutcome, { kind: 'arrived' }>[]
  holds: DevicePlan['holds']
  /** The files collected since the first pending request. */
  collected: Collected
  collectors: ((collected: Collected) => void)[]
}

/** Creates a reconciler, which works only in `run`. */
export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const wakeUp = createWakeUp(deps.clock)
  const { wake } = wakeUp
  const waits = createWaits(deps.clock, BACKOFF, deps.random)
  const lane = openFetchLane({ ...deps, onOutcome: (outcome) => hearFetch(it, outcome), onIdle: wake })
  const begun = { stuck: new Map(), ends: [], fetches: [], holds: new Map(), collected: NOTHING, collectors: [] }
  const it: Reconciling = { ...deps, waits, wake, lane, flowNeeds: createFlowNeedsReader(deps.drivers), ...begun }
  return {
    wake,
    holds: () => it.holds,
    beat() {
      if (it.store.lives().some(isProving) || loadedBy(it.drivers)?.some(({ problem }) => problem !== undefined)) wake()
    },
    runnerEnded(crash) {
      it.ends.push(crash)
      wake()
    },
    stopped: () => settleAll(it),
    async collect(signal) {
      await it.index.rescan()
      if (it.collectors.length === 0) it.collected = NOTHING
      const { promise, resolve, reject } = Promise.withResolvers<Collected>()
      it.collectors.push(resolve)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      wake()
      return promise
    },
    async run(signal) {
      await using _ = lane
      // A kill, a power cut or a crash of everything interrupted each activation that an earlier run left unfinished.
      await insist(it, async () => interruptAll(it), signal)
      for (;;) await wakeUp.wait(await insist(it, () => passUntilIdle(it, signal), signal), signal)
    },
  }
}

function interruptAll({ store }: Reconciling): void {
  for (const { target, state } of store.lives()) if (state !== 'verifying') store.tell(target, { kind: 'interrupted' })
}

/**
 * A clean stop counts against no version. If the disk rejects this record, the next start takes the stop for a kill.
 */
function settleAll({ store, log }: Reconciling): void {
  try {
    for (const { target } of store.lives().filter(isActivating)) {
      store.tell(target, { kind: 'interrupted', isBlameless: true })
    }
  } catch (error) {
    log.warn('stop_unrecorded', { error })
  }
}

/**
 * Repeats until the work succeeds. A failure here is one of the machine, above all of its disk. Nothing may happen that
 * could not be recorded first.
 */
async function insist<T>(it: Reconciling, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      it.log.error('pass_failed', { error })
      it.conditions.raise(conditionOf(error))
      await it.clock.sleep(backoffMs(failures, BACKOFF, 0.5 + it.random() / 2), signal)
    }
  }
}

/** Carries out the plan. Resolves with the time until the next work, if no event comes. */
async function passUntilIdle(it: Reconciling, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted()
    drain(it.ends, (ended) => noteRunnerEnd(ended, it))
    drain(it.fetches, (outcome) => noteFetch(it, outcome))
    await noteBrokenSlots(it)
    const facts = await gatherFacts(it)
    const plan = planDevice(facts)
    it.lane.follow(plan.fetch)
    noteHolds(it, facts, plan)
    noteProgress(it)
    noteRejected(it)
    tellSuspicions(it.conditions, it.store.lives())
    tellStuckUnloads(it.conditions, it.stuck, facts.loaded)
    it.onChange()
    const [step] = plan.act
    if (!step) for (const resolve of it.collectors.splice(0)) resolve(it.collected)
    if (!step) return Math.min(IDLE_PASS_MS, (plan.wakeMs ?? Number.POSITIVE_INFINITY) - facts.nowMs)
    await doStep(it, step, facts, signal)
  }
}

async function doStep(it: Reconciling, step: ActStep, facts: DeviceFacts, signal: AbortSignal): Promise<void> {
  const collected = step.kind === 'collect' ? sizeOf(step, facts) : NOTHING
  const outcome = await executeStep(step, it, signal)
  it.collected = { files: it.collected.files + collected.files, bytes: it.collected.bytes + collected.bytes }
  it.conditions.clear('storage_full')
  it.conditions.clear('step_failed')
  // Work that goes on elsewhere would be logged each second.
  if (outcome.kind === 'done' || outcome.waitMs === undefined) logStep(it.log, step)
  if (step.kind === 'unload') return noteUnload(it, step.item, outcome)
  if (outcome.kind === 'done') return it.waits.done(step)
  it.waits.failed(step, outcome.waitMs)
  if (step.kind !== 'collect') it.store.tell(step.item, { kind: 'waiting', cause: outcome.cause })
}

const NOTHING: Collected = { files: 0, bytes: 0 }

function sizeOf({ digests, parts }: Extract<ActStep, { kind: 'collect' }>, facts: DeviceFacts): Collected {
  const sizes = [...digests.map((digest) => facts.blobs.get(digest)), ...parts.map((part) => facts.parts.get(part))]
  return { files: sizes.length, bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) }
}

/** Removes each entry from the list only after it has been recorded. */
function drain<T>(list: T[], note: (entry: T) => void): void {
  for (let entry = list[0]; entry; entry = list[0]) {
    note(entry)
    list.shift()
  }
}

/**
 * The memory gets the result at once, and the records get it in the next pass: a transfer must not fail because of the
 * disk.
 */
function hearFetch(it: Reconciling, outcome: FetchOutcome): void {
  if (outcome.kind === 'arrived') it.index.add(outcome.digest, outcome.sizeBytes)
  else it.fetches.push(outcome)
  it.wake()
}

function noteFetch({ store, waits }: Reconciling, outcome: Exclude<FetchOutcome, { kind: 'arrived' }>): void {
  const { step, cause } = outcome
  // A version that proved itself here is never given up: the hub may find the bytes again.
  if (outcome.kind === 'refused' && !step.isRestore) store.tell(step.item, { kind: 'failed', cause })
  else {
    waits.failed(step, outcome.kind === 'waits' ? outcome.waitMs : BACKOFF.maxMs)
    store.tell(step.item, { kind: 'waiting', cause })
  }
}

function noteProgress({ store }: Reconciling): void {
  const document = store.document()
  if (!document || store.lastGoodGeneration() >= document.generation) return
  const lives = store.lives()
  const isRead = document.rejected.length === 0
  const isWhole = isRead && lives.length === document.items.length && lives.every(({ state }) => state === 'active')
  if (isWhole) store.saveLastGoodGeneration(document.generation)
}

/** An item without a place in the report becomes a condition. */
function noteRejected({ store, conditions }: Reconciling): void {
  const lost = store.document()?.rejected.find(({ head }) => head === undefined)
  if (lost) conditions.raise(lost.cause)
  else conditions.clear('item_unreadable')
}

/** Locks are reported even if no version waits for them: so a person sees at once why a later version waits. */
function noteHolds(it: Reconciling, { updates: { locks } }: DeviceFacts, { holds }: DevicePlan): void {
  it.holds = holds
  if (locks.length > 0) it.conditions.raise(lockCause(locks))
  else it.conditions.clear(UPDATE_LOCKED)
  for (const code of ROOM_WAITS) {
    const hold = [...holds.values()].find(({ cause }) => cause.code === code)
    if (hold) it.conditions.raise(hold.cause)
    else it.conditions.clear(code)
  }
  const unreadable = [...holds.values()].find(({ cause }) => cause.code === WINDOW_UNREADABLE)
  if (unreadable) it.conditions.raise(unreadable.cause)
  else it.conditions.clear(WINDOW_UNREADABLE)
}

async function gatherFacts(it: Reconciling) {
  const { store, blobs, index, drivers, clock, waits, conditions } = it
  const floorBytes = it.floorBytes()
  const { loaded, machine } = driverFacts(drivers)
  const document = store.document()
  const freeBytes = await blobs.freeBytes()
  const message = `${Math.round(freeBytes / 1e6)} MB of the disk are free, less than the reserve of ${Math.round(floorBytes / 1e6)} MB; the device fetches nothing until there is more room`
  if (freeBytes < floorBytes) conditions.raise({ code: 'disk_low', message })
  else conditions.clear('disk_low')
  const facts: DeviceFacts = {
    lives: store.lives(),
    ...(document ? { wanted: document.items, rejected: document.rejected } : {}),
    ...(loaded ? { loaded } : {}),
    machine: {
      ...machine,
      memoryTotalBytes: it.memoryTotalBytes?.() ?? Number.POSITIVE_INFINITY,
    },
    blobs: index.blobs(),
    parts: await index.parts(),
    freeBytes,
    floorBytes,
    memoryAvailableBytes: it.memoryAvailableBytes(),
    nowMs: clock.monotonicMs(),
    waits: waits.until(),
    flows: { needs: await it.flowNeeds.of(store.lives()), ...it.equipment?.() },
    ...(it.dataPlace && { place: it.dataPlace() }),
    // Read last, so that a lock counts that is taken during the other reads.
    updates: { timeMs: clock.nowMs(), windowStart, locks: await it.locks() },
  }
  return facts
}

function logStep(log: Log, step: ActStep): void {
  if (step.kind === 'collect') log.info('files_collected', { count: step.digests.length + step.parts.length })
  else log.info('step_done', { step: step.kind, name: step.item.name, version: step.item.version })
}

/** [sqlite.org/rescode.html] SQLITE_FULL */
const DATABASE_FULL = 13

function conditionOf(error: unknown): Cause {
  const isFull =
    hasNoRoom(error) ||
    (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === DATABASE_FULL)
  if (isFull)
    return { code: 'storage_full', message: 'the disk is full, so the device can change nothing safely; make room' }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'step_failed', message: message.slice(0, 1_000) }
}
