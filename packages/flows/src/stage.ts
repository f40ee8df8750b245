/**
 * Stage: one level of a flow. It goes from instant to instant. In an instant it takes all signals of one time, and all
 * due steps, from the top. So a step runs once in an instant, even if several of its signals have values, and gives at
 * most one value.
 */
import { type Instant, newSignal, type Operator, QUALITY, type Signal } from '@skerry/core/flow/signal'

export type Part = {
  name: string
  from: readonly Signal[]
  operator: Operator
  out: Signal
  figures: PartFigures
}
export type PartFigures = { in: number; out: number; bad: number; late: number; dropped: number }

export const newFigures = (): PartFigures => ({ in: 0, out: 0, bad: 0, late: 0, dropped: 0 })

export type StageParts = {
  /** By place. Signals of other levels have their state at the time when this level took them. */
  signals: readonly Signal[]
  parts: readonly Part[]
  /** By place of a signal: the parts that read it. */
  readers: readonly (readonly number[])[]
  /** Timers of inputs, for too long a silence. */
  timers: readonly StageTimer[]
}

/** Sets a signal by itself when its time has come. */
export type StageTimer = { dueMs: number; place: number; ring(): boolean }

export type Stage = {
  readonly reachedMs: number
  readonly instantId: number
  /** The next time at which something happens without a sample. */
  nextDueMs(): number
  /** `speak` marks the signals with a value. It waits only for an expression. */
  run(timeMs: number, arrivedMs: number, speak: Speak): void | Promise<void>
}

/** Marks the signals with a value in the instant, by their places. */
export type Speak = (spoke: (place: number) => void) => void

type Running = StageParts & {
  dirty: Uint8Array
  instant: Instant
  reachedMs: number
  places: Map<Signal, number>
  onInstant: (instant: Instant) => void
}

/**
 * `reachedMs`: the time that the previous flow reached. Older instants are over. `onInstant` is called at the end of
 * each instant.
 */
export function createStage(parts: StageParts, reachedMs: number, onInstant: (instant: Instant) => void): Stage {
  const it: Running = {
    ...parts,
    dirty: new Uint8Array(parts.parts.length),
    instant: { id: 0, timeMs: Number.NEGATIVE_INFINITY, arrivedMs: 0 },
    reachedMs,
    places: new Map(parts.signals.map((signal, place) => [signal, place])),
    onInstant,
  }
  const watched = [...it.parts.map(({ operator }) => operator), ...it.timers]
  return {
    get reachedMs() {
      return it.reachedMs
    },
    get instantId() {
      return it.instant.id
    },
    nextDueMs() {
      let due = Number.POSITIVE_INFINITY
      for (const { dueMs } of watched) if (dueMs < due) due = dueMs
      return due
    },
    run(timeMs, arrivedMs, speak) {
      it.instant.id += 1
      it.instant.timeMs = timeMs
      it.instant.arrivedMs = arrivedMs
      it.reachedMs = timeMs
      const spoke = (place: number) => markSpoken(it, place)
      for (const timer of it.timers) if (timer.dueMs <= timeMs && timer.ring()) spoke(timer.place)
      speak(spoke)
      markDue(it, timeMs)
      return runFrom(it, 0)
    },
  }
}

/** The reason why a part runs in an instant. */
const IDLE = 0
const DUE = 1
const SPOKEN = 2

function markDue({ parts, dirty }: Running, timeMs: number): void {
  for (let at = 0; at < parts.length; at++) {
    if (dirty[at] === IDLE && (parts[at]?.operator.dueMs ?? 0) <= timeMs) dirty[at] = DUE
  }
}

function markSpoken(it: Running, place: number): void {
  const signal = it.signals[place]
  if (!signal) return
  signal.instant = it.instant.id
  signal.timeMs = it.instant.timeMs
  for (const at of it.readers[place] ?? []) it.dirty[at] = SPOKEN
}

/** From the top: a part only marks parts below it. */
function runFrom(it: Running, first: number): void | Promise<void> {
  for (let at = first; at < it.parts.length; at++) {
    const why = it.dirty[at]
    if (why === IDLE) continue
    it.dirty[at] = IDLE
    const part = it.parts[at]
    if (!part) continue
    if (why === SPOKEN) part.figures.in += 1
    const told = part.operator.run(part.from, it.instant, part.out)
    if (typeof told !== 'boolean') {
      const next = at + 1
      return told.then((isTold) => {
        settle(it, part, isTold)
        return runFrom(it, next)
      })
    }
    settle(it, part, told)
  }
  it.onInstant(it.instant)
}

function settle(it: Running, { operator, out, figures, name }: Part, isTold: boolean): void {
  figures.dropped = operator.dropped
  if (operator.dueMs <= it.instant.timeMs) throw new Error(`${name} asks to be run at a time that is over`)
  if (!isTold) return
  figures.out += 1
  if (out.quality === QUALITY.bad) figures.bad += 1
  const place = it.places.get(out)
  if (place !== undefined) markSpoken(it, place)
}

/** Creates an empty signal for each place. */
export const newSignals = (count: number): Signal[] => Array.from({ length: count }, newSignal)
