/**
 * Slot scaler: keeps the number of workers of a slot as its policy wants it. It measures, calls core, and starts or
 * releases workers. With zero workers, requests wait in the queue of the slot until one is ready.
 */
import { type ItemScale, type ScaleStep, type Scaling, STEPS_MAX } from '@skerry/contract/scaling/scaling'
import { initialScale, type ScaleDecision, type ScaleState, scale } from '@skerry/core/scaling/scale'
import { scaleReason } from '@skerry/core/scaling/scale-text'
import { nowUs } from '../host/run-clock.ts'
import { createLoadMeter, type Levels, type LoadMeter } from './load-meter.ts'
import type { Claim, Residency } from './residency.ts'

/** The workers of a slot, as the scaler changes them. */
export type ScaledCrews = {
  levels(): Levels
  /** Workers that take requests. */
  count(): number
  start(need: Claim['need'], signal: AbortSignal): Promise<{ ok: true } | { ok: false; message: string }>
  /** The least busy worker takes no more requests, and ends after its last one. */
  release(): void
  /** No worker can be started, and none is left. */
  broken(message: string): void
}

export type ScalerDeps = {
  clock: { nowMs(): number }
  /** The memory that all slots share; no limit if absent. */
  residency?: Residency | undefined
  /** The largest minimum of the open windows of the schedule; 0 if absent. */
  scheduledMin?: ((policy: Scaling, nowMs: number) => number) | undefined
}

export type SlotScaler = {
  meter: LoadMeter
  /** A request waits, and no worker is there: the next look is now. */
  wake(): void
  /** Ends all workers of an idle slot whose policy allows none. False if it may not. */
  evict(reason: string): boolean
  view(): ItemScale
  close(): void
}

/** In milliseconds. A jump of the load is answered within two seconds, and a look costs some microseconds. */
export const TICK_MS = 250

/** Starts that fail one after the other, with nothing left that serves: then the slot is broken, and is loaded again. */
const FAILURES_MAX = 3

/** In milliseconds, after the first failed start. After each further one it is as much longer. */
const RETRY_MS = 500

/** In milliseconds. A start loads the whole model, so a worker that nobody gets must not take the machine. */
const RETRY_MAX_MS = 10_000

type Scaler = {
  policy: Scaling
  crews: ScaledCrews
  deps: ScalerDeps
  meter: LoadMeter
  state: ScaleState
  last: ScaleDecision | undefined
  steps: ScaleStep[]
  starting: number
  /** Whether a worker was there at the last look. */
  wasServing: boolean
  failures: number
  retryAtMs: number
  problem: string | undefined
  ending: AbortController
}

/** Begins to scale a slot that has loaded its first workers. */
export function scaleSlot(policy: Scaling, crews: ScaledCrews, deps: ScalerDeps): SlotScaler {
  const nowMs = deps.clock.nowMs()
  const count = crews.count()
  const it: Scaler = {
    policy,
    crews,
    deps,
    meter: createLoadMeter(nowUs()),
    state: initialScale(count, nowMs),
    last: undefined,
    steps: [{ atMs: nowMs, from: 0, to: count, code: 'started', reason: 'the version was loaded' }],
    starting: 0,
    wasServing: true,
    failures: 0,
    retryAtMs: 0,
    problem: undefined,
    ending: new AbortController(),
  }
  const timer = setInterval(() => look(it), TICK_MS)
  timer.unref()
  return {
    meter: it.meter,
    // Once it is awake, the next looks would only fill the window with samples of no length.
    wake: () => it.state.count === 0 && look(it),
    evict: (reason) => evict(it, reason),
    view: () => viewOf(it),
    close() {
      clearInterval(timer)
      it.ending.abort()
    },
  }
}

function look(it: Scaler): void {
  if (it.ending.signal.aborted) return
  const { policy, deps, state } = it
  const nowMs = deps.clock.nowMs()
  const sample = it.meter.take(nowUs(), nowMs)
  const scheduledMin = deps.scheduledMin?.(policy, nowMs) ?? 0
  const isServing = it.crews.count() > 0
  // The first sample with a worker still has requests that piled up before it.
  const isUnserved = !isServing || !it.wasServing
  it.wasServing = isServing
  const next = scale(policy, state, { sample, scheduledMin, tickMs: TICK_MS, isUnserved })
  it.last = next.decision
  it.state = next.state
  if (next.decision.count !== state.count) {
    noteStep(it, { from: state.count, to: next.decision.count, ...wordsOf(it, next.decision) })
  }
  adjust(it, nowMs)
}

const wordsOf = ({ policy }: Scaler, decision: ScaleDecision) => ({
  code: decision.code,
  reason: scaleReason(policy, decision, 'worker').slice(0, 300),
})

function noteStep(it: Scaler, step: Omit<ScaleStep, 'atMs'>): void {
  const last = it.steps.at(-1)
  // The hub keeps steps by their time, so two of one millisecond would be one.
  const atMs = Math.max(it.deps.clock.nowMs(), (last?.atMs ?? 0) + 1)
  it.steps = [...it.steps, { atMs, ...step }].slice(-STEPS_MAX)
}

/** Starts and releases workers until their number is the wanted one. */
function adjust(it: Scaler, nowMs: number): void {
  const { crews, state } = it
  const restMs = it.retryAtMs - nowMs
  // A longer rest than that comes from a clock that was set back.
  if (restMs <= 0 || restMs > RETRY_MAX_MS) {
    while (crews.count() + it.starting < state.count) void start(it)
  }
  while (crews.count() > state.count) crews.release()
  if (crews.count() === state.count) forgive(it)
}

/** All wanted workers are there: earlier failures are over, and the next start need not wait for them. */
function forgive(it: Scaler): void {
  it.failures = 0
  it.retryAtMs = 0
  it.problem = undefined
}

async function start(it: Scaler): Promise<void> {
  const need = it.crews.count() + it.starting === 0 ? 'first' : 'more'
  it.starting++
  const started = await it.crews.start(need, it.ending.signal).catch((error: unknown) => ({
    ok: false as const,
    message: error instanceof Error ? error.message : String(error),
  }))
  it.starting--
  if (it.ending.signal.aborted) return
  if (started.ok) {
    forgive(it)
    // The number may have fallen meanwhile.
    return adjust(it, it.deps.clock.nowMs())
  }
  it.failures++
  it.problem = `a worker could not be started: ${started.message}`
  it.retryAtMs = it.deps.clock.nowMs() + Math.min(RETRY_MAX_MS, RETRY_MS * it.failures)
  // Another start may still succeed, or wait for room.
  const isHopeless = it.crews.count() === 0 && it.starting === 0
  if (it.failures >= FAILURES_MAX && isHopeless) it.crews.broken(it.problem)
}

function evict(it: Scaler, reason: string): boolean {
  const { policy, crews, state } = it
  if (policy.min > 0 || it.starting > 0 || state.count === 0 || crews.levels().concurrency > 0) return false
  noteStep(it, { from: state.count, to: 0, code: 'evicted', reason })
  const nowMs = it.deps.clock.nowMs()
  it.state = { ...state, count: 0, changedAtMs: nowMs }
  adjust(it, nowMs)
  return true
}

function viewOf(it: Scaler): ItemScale {
  const { last, crews, steps, problem } = it
  const { concurrency = 0, queue = 0, rps = 0, p95Ms } = last?.load ?? {}
  return {
    count: crews.count(),
    wanted: last?.wanted ?? it.state.count,
    reason: (problem ?? (last ? wordsOf(it, last).reason : 'it has just begun to measure')).slice(0, 300),
    load: { concurrency, queue, rps, ...(p95Ms !== undefined && { p95Ms }) },
    steps,
  }
}
