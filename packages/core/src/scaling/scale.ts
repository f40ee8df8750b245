/**
 * Scale: how many units a policy wants now, and why. A unit is a worker of a model on a device, or a replica of a
 * placement. It is pure and deterministic: the same state and sample always give the same number.
 *
 * Laws: the number is never below `min` and never above `max`. The hours of a day never exceed the budget, as long as
 * the samples come no later than `tickMs` says. An increase is followed by no decrease within the window, unless the
 * budget ends or the policy changes.
 */
import { DAY_HOURS, type Scaling } from '@skerry/contract/scaling/scaling'
import {
  addSample,
  EMPTY_WINDOW,
  forgetDurations,
  type LoadSample,
  type LoadWindow,
  type MeanLoad,
  noteWanted,
  panicLoad,
  stableLoad,
  wantedMaxOf,
} from './load-window.ts'

export type ScaleCode =
  | 'started'
  | 'below_min'
  | 'above_max'
  | 'scheduled'
  | 'budget_spent'
  | 'request_waits'
  | 'panic'
  | 'load_rose'
  | 'load_fell'
  | 'idle'
  | 'at_max'
  | 'in_window'
  | 'in_cooldown'
  | 'steady'

export type ScaleState = {
  count: number
  window: LoadWindow
  /** When it began to measure: before a whole window has passed, nothing falls. */
  sinceMs: number
  raisedAtMs?: number | undefined
  changedAtMs?: number | undefined
  /** Until then the load of the last seconds counts alone for increases. */
  panicUntilMs?: number | undefined
  spent: Spent
}

/** The hours of all units since the beginning of the day. */
export type Spent = { day: number; hours: number; untilMs: number }

export type ScaleFacts = {
  sample: LoadSample
  /** The largest minimum of the windows that are open now; 0 if none is. */
  scheduledMin: number
  /** The time until the next sample at the latest. */
  tickMs: number
  /**
   * For a part of this sample, no unit served. Requests pile up until the first one does, and say nothing about the
   * number that will do: one is enough to find out.
   */
  isUnserved?: boolean
}

export type ScaleDecision = {
  count: number
  /** The number that the load asks for, before limits and waits. */
  wanted: number
  code: ScaleCode
  load: MeanLoad
}

/** The state at the start: with this many units. */
export const initialScale = (count: number, nowMs: number): ScaleState => ({
  count,
  window: EMPTY_WINDOW,
  sinceMs: nowMs,
  spent: { day: dayOf(nowMs), hours: 0, untilMs: nowMs },
})

/** [contract, Count] A report with a larger number would be dropped. */
const WANTED_MAX = 10_000

const HOUR_MS = 3_600_000
const DAY_MS = DAY_HOURS * HOUR_MS
const dayOf = (atMs: number) => Math.floor(atMs / DAY_MS)

/** Adds the sample to the state, and decides. */
export function scale(
  policy: Scaling,
  last: ScaleState,
  facts: ScaleFacts,
): { state: ScaleState; decision: ScaleDecision } {
  const { sample } = facts
  const before = rewound(last, sample.atMs)
  const spent = spend(before, sample.atMs)
  const isWaking = facts.isUnserved === true && isWaiting(sample)
  const measured = addSample(policy, before.window, isWaking ? { ...NO_LOAD, atMs: sample.atMs } : sample)
  const stable = stableLoad(measured)
  const rush = panicLoad(measured)
  const wantedNow = wantedOf(policy, stable, before.count)
  const wantedInRush = wantedOf(policy, rush, before.count)
  const isJump = !isWaking && wantedInRush >= policy.panic.ratio * Math.max(before.count, 1)
  const panicUntilMs = isJump ? sample.atMs + policy.windowSeconds * 1_000 : before.panicUntilMs
  const isPanic = panicUntilMs !== undefined && sample.atMs <= panicUntilMs
  const asked = isWaking ? 1 : Math.max(wantedNow, isPanic ? wantedInRush : 0, isWaiting(sample) ? 1 : 0)
  const wanted = Math.min(asked, WANTED_MAX)
  const window = noteWanted(measured, isWaking ? wanted : Math.max(wanted, wantedInRush))
  const limits = limitsOf(policy, spent, facts)
  const measuring = { ...before, window, spent, panicUntilMs }
  const { count, code } = decide(policy, measuring, { limits, wanted, isPanic, sample })
  const state = changed(measuring, count, sample.atMs)
  const reason = isWaking && code === 'steady' ? 'request_waits' : code
  return { state, decision: { count, wanted, code: reason, load: isPanic ? rush : stable } }
}

/** If the clock was set back, waits begin anew: they would otherwise last until the old time comes again. */
function rewound(state: ScaleState, nowMs: number): ScaleState {
  if (state.spent.untilMs <= nowMs) return state
  const past = (atMs: number | undefined) => (atMs === undefined ? undefined : Math.min(atMs, nowMs))
  const { sinceMs, raisedAtMs, changedAtMs } = state
  return {
    ...state,
    sinceMs: Math.min(sinceMs, nowMs),
    raisedAtMs: past(raisedAtMs),
    changedAtMs: past(changedAtMs),
    panicUntilMs: undefined,
  }
}

const NO_LOAD = { concurrency: 0, busy: 0, queue: 0, rps: 0 }

const isWaiting = ({ concurrency, queue }: LoadSample) => concurrency > 0 || queue > 0

function changed(state: ScaleState, count: number, nowMs: number): ScaleState {
  if (count === state.count) return state
  const window = forgetDurations(state.window)
  const raised = count > state.count ? { raisedAtMs: nowMs } : {}
  return { ...state, count, window, changedAtMs: nowMs, ...raised }
}

/** Means of many samples have rounding errors: 2.0000000001 units are two. */
const ROUNDING = 1e-9

const unitsFor = (amount: number, ofOne: number) => Math.ceil(amount / ofOne - ROUNDING)

/** A longer rise in one step would answer noise of a few slow requests. */
const RISE_MAX = 2

/** The number that the load asks for. */
function wantedOf({ target: { metric, value } }: Scaling, load: MeanLoad, count: number): number {
  const busy = unitsFor(load.busy, 1)
  switch (metric) {
    case 'concurrency':
      return unitsFor(load.concurrency, value)
    case 'rps':
      return unitsFor(load.rps, value)
    case 'queue':
      // Without the busy ones, the number would fall as soon as the queue is empty.
      return Math.max(unitsFor(load.queue, value), busy)
    case 'p95':
      return wantedByDuration(load, { value, count, busy })
  }
}

type Duration = { value: number; count: number; busy: number }

function wantedByDuration({ p95Ms }: MeanLoad, { value, count, busy }: Duration): number {
  if (p95Ms === undefined) return busy
  if (p95Ms > value) return Math.max(count + 1, Math.ceil(count * Math.min(RISE_MAX, p95Ms / value)))
  // Far below the target, one unit less is tried; the durations after that decide about the next.
  return Math.max(busy, p95Ms < value / RISE_MAX ? count - 1 : count)
}

type Limits = { low: number; high: number; lowCode: ScaleCode; highCode: ScaleCode }

function limitsOf({ min, max, budgetHours }: Scaling, spent: Spent, { scheduledMin, tickMs }: ScaleFacts): Limits {
  const affordable =
    budgetHours === undefined ? Number.POSITIVE_INFINITY : affordableUnits({ min, budgetHours, tickMs }, spent)
  const high = Math.max(min, Math.min(max, affordable))
  return {
    low: Math.max(min, Math.min(scheduledMin, high)),
    high,
    lowCode: scheduledMin > min ? 'scheduled' : 'below_min',
    highCode: affordable < max ? 'budget_spent' : 'above_max',
  }
}

type Affording = { min: number; budgetHours: number; tickMs: number }

/** The hours that the minimum does not need until the end of the day, shared out over the time until the next sample. */
function affordableUnits({ min, budgetHours, tickMs }: Affording, { day, hours, untilMs }: Spent): number {
  const leftHours = ((day + 1) * DAY_MS - untilMs) / HOUR_MS
  const spendable = budgetHours - hours - min * leftHours
  return spendable <= 0 ? min : min + Math.floor(spendable / (tickMs / HOUR_MS) + ROUNDING)
}

function spend({ spent, count }: ScaleState, nowMs: number): Spent {
  const day = dayOf(nowMs)
  const fromMs = day === spent.day ? spent.untilMs : Math.max(spent.untilMs, day * DAY_MS)
  const before = day === spent.day ? spent.hours : 0
  return { day, hours: before + (count * Math.max(0, nowMs - fromMs)) / HOUR_MS, untilMs: nowMs }
}

type Asked = { limits: Limits; wanted: number; isPanic: boolean; sample: LoadSample }

function decide(policy: Scaling, state: ScaleState, asked: Asked): { count: number; code: ScaleCode } {
  const { limits, wanted, isPanic } = asked
  const { count } = state
  const { low, high } = limits
  if (count > high) return { count: high, code: limits.highCode }
  if (count < low && wanted <= low) return { count: low, code: limits.lowCode }
  if (wanted > count) {
    const to = Math.min(wanted, high)
    return { count: to, code: to === count ? atLimit(limits) : riseCode(count, isPanic) }
  }
  return fall(policy, state, { low, nowMs: asked.sample.atMs })
}

const atLimit = ({ highCode }: Limits): ScaleCode => (highCode === 'budget_spent' ? 'budget_spent' : 'at_max')

function riseCode(count: number, isPanic: boolean): ScaleCode {
  if (count === 0) return 'request_waits'
  return isPanic ? 'panic' : 'load_rose'
}

type Falling = { low: number; nowMs: number }

function fall(policy: Scaling, state: ScaleState, { low, nowMs }: Falling): { count: number; code: ScaleCode } {
  const { count, sinceMs, raisedAtMs = sinceMs, changedAtMs = sinceMs, window } = state
  const to = Math.max(low, wantedMaxOf(window))
  if (to >= count) return { count, code: 'steady' }
  if (nowMs - Math.max(raisedAtMs, sinceMs) < policy.windowSeconds * 1_000) return { count, code: 'in_window' }
  if (nowMs - changedAtMs < policy.cooldownSeconds * 1_000) return { count, code: 'in_cooldown' }
  return { count: to, code: to === 0 ? 'idle' : 'load_fell' }
}
