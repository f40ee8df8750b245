/**
 * Rollout engine: drives rollouts. It wakes when stored state changes that rollouts depend on, and every second to
 * apply the elapsed time. Then it updates memberships, judges reports, applies deadlines and soaks, and derives changed
 * documents.
 *
 * It derives all its actions from stored state, each in one transaction. So events may be lost or repeated. After a
 * crash between two transactions, the next full pass repairs the state: at the start, after a failure, and at
 * intervals.
 */
import { setImmediate } from 'node:timers/promises'
import { DeviceId } from '@skerry/contract/values/ids'
import { renderQueued } from '../../desired/renderer.ts'
import { createSweep, reconcileChanged, reconcileContested, takeOffRemoved } from './engine-memberships.ts'
import { judgeChanged, judgeMoving, judgeUndecided, queueEverybody, queueRetried, tickDue } from './engine-steps.ts'
import type { EngineHub } from './engine-work.ts'
import { createMeasuring } from './measuring.ts'

export type RolloutEngine = AsyncDisposable & {
  /** Does all work that is due now; resolves when no work is left. */
  run(): Promise<void>
}

/** A soak or a deadline ends within a second of its time. */
const TICK_MS = 1_000

/**
 * How often undecided devices are judged again. A device that adopts a new document without a change of its items wakes
 * nobody, so its wave waits for this time. 10,000 devices cost 50 ms.
 */
const JUDGE_AGAIN_MS = 2_000

/** How often the next devices are read in case an event about them was lost. 200 of them cost some 10 ms. */
const SWEEP_MS = 10_000

/** How often the engine checks for due analyses. Their intervals are a second at least. */
const MEASURE_MS = 500

type Work = { changed: Set<DeviceId>; reported: Set<DeviceId>; retried: Set<DeviceId>; isFresh: boolean }

const noWork = (): Work => ({ changed: new Set(), reported: new Set(), retried: new Set(), isFresh: false })

const merge = (a: Work, b: Work): Work => ({
  changed: new Set([...a.changed, ...b.changed]),
  reported: new Set([...a.reported, ...b.reported]),
  retried: new Set([...a.retried, ...b.retried]),
  isFresh: a.isFresh || b.isFresh,
})

/** Subscribes to the bus, and works when it wakes or `run` is called. */
export function createRolloutEngine(hub: EngineHub): RolloutEngine {
  const { bus, clock, log } = hub
  const sweep = createSweep(hub)
  // Events before the start are unknown, and a newer program may derive other documents. So the first pass reads
  // everything.
  let work: Work = { ...noWork(), isFresh: true }
  const isJudgeDue = every(JUDGE_AGAIN_MS, clock)
  const isSweepDue = every(SWEEP_MS, clock)
  const isMeasureDue = every(MEASURE_MS, clock)
  const measuring = createMeasuring(hub)
  let isWanted = false
  let running: Promise<void> | undefined

  // Failed work is tried again at the next tick, not at once: otherwise it would fail a thousand times a second.
  const pass = async () => {
    const taken = work
    work = noWork()
    try {
      work = merge(await doWork(hub, taken), work)
      if (isJudgeDue()) await lookAgain(hub)
      if (isSweepDue()) await sweepNext(hub, sweep)
      if (isMeasureDue()) await measuring.takeDue()
      await renderAll(hub)
    } catch (error) {
      work = merge(taken, work)
      log.error('rollout_engine_failed', { error })
    }
  }
  const loop = async () => {
    while (isWanted) {
      isWanted = false
      // Lets the code that wakes the engine finish, so that a hundred reports that were stored together are judged
      // together.
      await Promise.resolve()
      await pass()
    }
    running = undefined
  }
  const run = () => {
    isWanted = true
    running ??= loop()
    return running
  }
  const wakeWith = (change: () => void) => {
    change()
    void run()
  }
  const stops = [
    bus.subscribe('device.changed', undefined, (key) => wakeWith(() => work.changed.add(DeviceId.parse(key)))),
    bus.subscribe('items.changed', undefined, (key) => wakeWith(() => work.reported.add(DeviceId.parse(key)))),
    bus.subscribe('device.retried', undefined, (key) => wakeWith(() => work.retried.add(DeviceId.parse(key)))),
    bus.subscribe('rollout.changed', undefined, () => wakeWith(() => undefined)),
    bus.subscribe('everything.changed', undefined, () =>
      wakeWith(() => {
        work.isFresh = true
      }),
    ),
  ]
  return {
    run,
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop()
      await measuring[Symbol.asyncDispose]()
      await running
    },
  }
}

/** Devices without a known change, whose state another cause may have decided meanwhile. */
async function lookAgain(hub: EngineHub): Promise<void> {
  await judgeUndecided(hub)
  await reconcileContested(hub)
}

/** Work for the case that an event was lost: it costs more than a look at undecided devices, so it is done seldom. */
async function sweepNext(hub: EngineHub, sweep: ReturnType<typeof createSweep>): Promise<void> {
  await sweep.next()
  await judgeMoving(hub)
}

/** True at the first call, and again each time the interval has elapsed. */
function every(ms: number, clock: EngineHub['clock']): () => boolean {
  let dueAtMs = clock.monotonicMs()
  return () => {
    const isDue = clock.monotonicMs() >= dueAtMs
    if (isDue) dueAtMs = clock.monotonicMs() + ms
    return isDue
  }
}

/** Returns the work that failed. */
async function doWork(hub: EngineHub, { changed, reported, retried, isFresh }: Work): Promise<Work> {
  if (isFresh) {
    await takeOffRemoved(hub)
    await queueEverybody(hub)
  }
  const left: Work = {
    changed: new Set(await reconcileChanged(hub, [...changed])),
    retried: new Set(await queueRetried(hub, [...retried])),
    reported: new Set(await judgeChanged(hub, [...reported])),
    isFresh: false,
  }
  await tickDue(hub)
  return left
}

/** Derives the documents of all queued devices, and wakes the links that wait for them. */
async function renderAll({ store, bus, clock, log }: EngineHub): Promise<void> {
  let after: DeviceId | undefined
  do {
    const batch = await renderQueued(store, { after, nowMs: clock.nowMs() })
    for (const id of batch.issued) bus.publish('desired.changed', id)
    // Left in the queue, and tried again at the next pass; other devices go first.
    for (const { deviceId, error } of batch.failed) log.error('document_not_derived', { deviceId, error })
    after = batch.last
    // SQLite answers without leaving the thread, so other work runs only at this pause.
    if (after) await setImmediate()
  } while (after)
}

/** Starts an engine that also runs every second; it stops when it is disposed. */
export function startRolloutEngine(hub: EngineHub): RolloutEngine {
  const stop = new AbortController()
  const engine = createRolloutEngine(hub)
  const ticking = tick(hub, engine, stop.signal)
  return {
    run: () => engine.run(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ticking
      await engine[Symbol.asyncDispose]()
    },
  }
}

async function tick({ clock }: EngineHub, engine: RolloutEngine, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await engine.run()
    // Rejects only when the engine is disposed, which ends the loop.
    await clock.sleep(TICK_MS, signal).catch(() => undefined)
  }
}
