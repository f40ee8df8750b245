/**
 * Rollout engine: keeps rollouts going. It is woken when something changed that they depend on, and every second for what only time brings;
 * then it brings memberships in step, judges reports, lets deadlines and soaks pass, and has changed documents derived.
 *
 * Everything it does is derived from stored state, in transactions that are whole by themselves. So events may be lost and doubled, and a
 * crash between any two transactions is healed by the next look at everything: at the start, after a failure, and now and then.
 */
import { setImmediate } from 'node:timers/promises'
import { DeviceId } from '@skerry/contract/values/ids'
import { renderQueued } from '../../desired/renderer.ts'
import { createSweep, reconcileChanged, reconcileContested, takeOffRemoved } from './engine-memberships.ts'
import { judgeChanged, judgeUndecided, queueEverybody, queueRetried, tickDue } from './engine-steps.ts'
import type { EngineHub } from './engine-work.ts'
import { createMeasuring } from './measuring.ts'

export type RolloutEngine = AsyncDisposable & {
  /** Does everything that is due now; resolves when nothing is left to do. */
  run(): Promise<void>
}

/** A soak or a deadline ends within a second of its time. */
const TICK_MS = 1_000

/**
 * How often undecided devices are judged again. A device that goes over to a new document without any item changing wakes nobody, so this
 * is how long it waits for its wave. 10,000 of them cost 50 ms.
 */
const JUDGE_AGAIN_MS = 2_000

/** How often the next devices are looked at in case an event about them was lost. 200 of them cost some 10 ms. */
const SWEEP_MS = 10_000

/** How often analyses are looked at for what is due. Their intervals are a second at least. */
const MEASURE_MS = 500

type Work = { changed: Set<DeviceId>; reported: Set<DeviceId>; retried: Set<DeviceId>; isFresh: boolean }

const noWork = (): Work => ({ changed: new Set(), reported: new Set(), retried: new Set(), isFresh: false })

const merge = (a: Work, b: Work): Work => ({
  changed: new Set([...a.changed, ...b.changed]),
  reported: new Set([...a.reported, ...b.reported]),
  retried: new Set([...a.retried, ...b.retried]),
  isFresh: a.isFresh || b.isFresh,
})

/** Listens to the bus, and works when it is woken or told to run. */
export function createRolloutEngine(hub: EngineHub): RolloutEngine {
  const { bus, clock, log } = hub
  const sweep = createSweep(hub)
  // What happened before the start is not known, and a newer program may derive other documents: the first pass looks at everything.
  let work: Work = { ...noWork(), isFresh: true }
  const isJudgeDue = every(JUDGE_AGAIN_MS, clock)
  const isSweepDue = every(SWEEP_MS, clock)
  const isMeasureDue = every(MEASURE_MS, clock)
  const measuring = createMeasuring(hub)
  let isWanted = false
  let running: Promise<void> | undefined

  // What could not be done is tried again at the next tick, not at once: it would fail again a thousand times a second.
  const pass = async () => {
    const taken = work
    work = noWork()
    try {
      work = merge(await doWork(hub, taken), work)
      if (isJudgeDue()) await lookAgain(hub)
      if (isSweepDue()) await sweep.next()
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
      // Lets whoever wakes the engine finish: a hundred reports that were stored together are judged together.
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

/** Devices of which nothing is known to have changed, and which something else may have decided meanwhile. */
async function lookAgain(hub: EngineHub): Promise<void> {
  await judgeUndecided(hub)
  await reconcileContested(hub)
}

/** True at the first call, and again when so much time has passed since the last time it was. */
function every(ms: number, clock: EngineHub['clock']): () => boolean {
  let dueAtMs = clock.monotonicMs()
  return () => {
    const isDue = clock.monotonicMs() >= dueAtMs
    if (isDue) dueAtMs = clock.monotonicMs() + ms
    return isDue
  }
}

/** Gives what could not be done. */
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

/** Derives the documents of all who are queued, and wakes the links that wait for them. */
async function renderAll({ store, bus, clock, log }: EngineHub): Promise<void> {
  let after: DeviceId | undefined
  do {
    const batch = await renderQueued(store, { after, nowMs: clock.nowMs() })
    for (const id of batch.issued) bus.publish('desired.changed', id)
    // Left in the queue, and tried again at the next pass; others go first.
    for (const { deviceId, error } of batch.failed) log.error('document_not_derived', { deviceId, error })
    after = batch.last
    // SQLite answers without ever leaving the thread, so others get their turn only where it is given to them.
    if (after) await setImmediate()
  } while (after)
}

/** Starts an engine that also runs every second; it stops when it is put away. */
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
    // Rejects only when the engine is put away, which ends the loop.
    await clock.sleep(TICK_MS, signal).catch(() => undefined)
  }
}
