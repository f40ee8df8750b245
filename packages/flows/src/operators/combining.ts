/** Combining: operators that put the newest of several signals together, or one of them onto a grid. */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import {
  hasSpoken,
  newSignal,
  type Operator,
  QUALITY,
  type Signal,
  takeWorst,
  tellBad,
  tellNumber,
  widthOf,
  writeRow,
} from '@skerry/core/flow/signal'
import { gridAfter, gridFrom } from '@skerry/core/flow/tensors/grid'
import { firstOf, hasEverSpoken, isTriggered, keep, NEVER_MS, operator, passBad, passOn } from './operator.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

export function createResample({ everyMs, maxAgeMs }: Of<'resample'>): Operator {
  const newest = newSignal()
  const it: Operator = {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, instant, out) {
      const signal = firstOf(from)
      if (hasSpoken(signal, instant)) {
        keep(signal, newest)
        if (it.dueMs === NEVER_MS) it.dueMs = gridFrom(instant.timeMs, everyMs)
      }
      if (instant.timeMs < it.dueMs) return false
      it.dueMs = gridAfter(instant.timeMs, everyMs)
      if (instant.timeMs - newest.timeMs <= maxAgeMs) return passOn(newest, out)
      // Said once: a point for each tick of a silence of hours would say no more.
      it.dueMs = NEVER_MS
      return tellBad(out, 'value_stale', `the newest value is older than ${maxAgeMs} ms`)
    },
  }
  return it
}

export function createAlign(step: Of<'align'>): Operator {
  const { everyMs, maxAgeMs } = step
  const trigger = step.when === undefined ? -1 : step.from.indexOf(step.when)
  const tell = rowTeller(maxAgeMs)
  if (everyMs === undefined) {
    return operator((from, instant, out) => isTriggered(from, instant, trigger) && tell(from, instant.timeMs, out))
  }
  const it: Operator = {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, { timeMs }, out) {
      if (it.dueMs === NEVER_MS) it.dueMs = gridFrom(timeMs, everyMs)
      if (timeMs < it.dueMs) return false
      it.dueMs = gridAfter(timeMs, everyMs)
      const isTold = tell(from, timeMs, out)
      // All of them silent for so long: the grid goes on with the next that speaks.
      if (from.every((signal) => timeMs - signal.timeMs > maxAgeMs)) it.dueMs = NEVER_MS
      return isTold
    },
  }
  return it
}

/** Writes the newest of all into one row. */
function rowTeller(maxAgeMs: number) {
  let row = new Float64Array(0)
  return (from: readonly Signal[], timeMs: number, out: Signal): boolean => {
    if (!from.every(hasEverSpoken)) return false
    if (takeWorst(from, out) === QUALITY.bad) return passBad(out)
    if (from.some((signal) => timeMs - signal.timeMs > maxAgeMs)) {
      return tellBad(out, 'value_stale', `one of the signals is older than ${maxAgeMs} ms`)
    }
    const width = from.reduce((sum, signal) => sum + widthOf(signal), 0)
    if (width === 1) return tellNumber(out, firstOf(from).number)
    if (row.length !== width) row = new Float64Array(width)
    let at = 0
    for (const signal of from) at = writeRow(signal, row, at)
    out.other = row
    return true
  }
}

export function createConcat(): Operator {
  const tell = rowTeller(Number.POSITIVE_INFINITY)
  return operator(
    (from, instant, out) => from.every((signal) => hasSpoken(signal, instant)) && tell(from, instant.timeMs, out),
  )
}
