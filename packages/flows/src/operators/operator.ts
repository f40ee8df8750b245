/** Operator: the functions that all operators use. */
import { type Instant, type Operator, QUALITY, type Signal, takeWorst } from '@skerry/core/flow/signal'

export const NEVER_MS = Number.POSITIVE_INFINITY

/** An operator without a clock of its own. */
export const operator = (run: Operator['run']): Operator => ({ dueMs: NEVER_MS, dropped: 0, run })

/** An operator that computes only with good values. For a bad value it passes on the bad quality and its cause. */
export const soundOperator = (tell: (from: readonly Signal[], out: Signal, instant: Instant) => boolean): Operator =>
  operator((from, instant, out) => {
    if (takeWorst(from, out) === QUALITY.bad) return passBad(out)
    return tell(from, out, instant)
  })

/** Only the quality and the cause remain. */
export function passBad(out: Signal): true {
  out.number = Number.NaN
  out.other = undefined
  return true
}

/** The first of several signals. There is always one. */
export function firstOf(from: readonly Signal[]): Signal {
  const [first] = from
  if (!first) throw new Error('a step is made of nothing')
  return first
}

/** Passes on content, quality and cause of a signal, by reference: they are valid until its next value. */
export function passOn(from: Signal, out: Signal): true {
  out.quality = from.quality
  out.cause = from.cause
  out.number = from.number
  out.other = from.other
  return true
}

/** As `passOn`, with memory of its own, so that it does not change. Windows are never kept. */
export function keep(from: Signal, kept: Signal): void {
  passOn(from, kept)
  kept.timeMs = from.timeMs
  kept.instant = from.instant
  if (from.other instanceof Float64Array) kept.other = from.other.slice()
}

export const hasEverSpoken = ({ instant }: Signal): boolean => instant >= 0

/** Whether the trigger has a value in this instant. If none is named, any signal counts. */
export function isTriggered(from: readonly Signal[], { id }: Instant, trigger: number): boolean {
  if (trigger >= 0) return from[trigger]?.instant === id
  return from.some(({ instant }) => instant === id)
}
