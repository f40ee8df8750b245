/** Expressions: JSONata that people write, bounded in time and depth, and without what would give another answer the next time. */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import {
  isDetections,
  isWindow,
  type Operator,
  QUALITY,
  type Signal,
  takeWorst,
  tellBad,
  tellNumber,
} from '@skerry/core/flow/signal'
import jsonata from 'jsonata'
import { hasEverSpoken, isTriggered, operator, passBad, passOn } from './operator.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

/** One that takes longer keeps the whole flow waiting; regular expressions are not bounded by it, but by the flow's heartbeat. */
const EVALUATION_MAX_MS = 1_000
/** Deeper is recursion without an end. */
const DEPTH_MAX = 200
/** A million numbers are 8 MB. */
const SEQUENCE_MAX = 1_000_000

/** They give something else each time, so a replay would not give what the device gave; `$eval` would hide one. */
const FICKLE = new Set(['now', 'millis', 'random', 'shuffle', 'eval'])

type Compiled = { ok: true; evaluate: (names: Record<string, unknown>) => Promise<unknown> }
export type ExpressionProblem = { ok: false; message: string }

export function compile(text: string): Compiled | ExpressionProblem {
  try {
    const expression = jsonata(text, { timeout: EVALUATION_MAX_MS, stack: DEPTH_MAX, sequence: SEQUENCE_MAX })
    const fickle = fickleIn(expression.ast())
    if (fickle !== undefined) {
      return { ok: false, message: `$${fickle}() returns another value each time, so a replay could not be compared` }
    }
    return { ok: true, evaluate: (names) => expression.evaluate(names) }
  } catch (error) {
    return { ok: false, message: messageOf(error) }
  }
}

/** [JSONata] What it throws are objects, not errors. */
const messageOf = (error: unknown) =>
  (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)).slice(
    0,
    400,
  )

function fickleIn(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  if ('type' in node && node.type === 'variable' && 'value' in node && FICKLE.has(String(node.value))) {
    return String(node.value)
  }
  for (const part of Object.values(node)) {
    const found = fickleIn(part)
    if (found !== undefined) return found
  }
  return undefined
}

function compiled(text: string): Compiled {
  const result = compile(text)
  if (!result.ok) throw new Error(`an expression that was not checked: ${result.message}`)
  return result
}

export function createExpression(step: Of<'expression'>): Operator {
  const { evaluate } = compiled(step.expression)
  const trigger = step.when === undefined ? -1 : step.from.indexOf(step.when)
  return operator((from, instant, out) => {
    if (!isTriggered(from, instant, trigger) || !from.every(hasEverSpoken)) return false
    if (takeWorst(from, out) === QUALITY.bad) return passBad(out)
    return evaluate(namesOf(step.from, from)).then(
      (value) => value !== undefined && tellValue(out, value, step.gives),
      (error) => tellBad(out, 'expression_failed', messageOf(error)),
    )
  })
}

/** The first signal is let through or not; what is bad is, for nobody knows. */
export function createFilter(step: Of<'filter'>): Operator {
  const { evaluate } = compiled(step.where)
  const names = ['value', ...step.with]
  return operator((from, instant, out) => {
    const [signal] = from
    if (!signal || !isTriggered(from, instant, 0) || !from.every(hasEverSpoken)) return false
    if (takeWorst(from, out) === QUALITY.bad) return passBad(out)
    return evaluate(namesOf(names, from)).then(
      (value) => value === true && passOn(signal, out),
      (error) => tellBad(out, 'expression_failed', messageOf(error)),
    )
  })
}

const namesOf = (names: readonly string[], from: readonly Signal[]) =>
  Object.fromEntries(names.map((name, at) => [name, plain(from[at])]))

/** Arrays as JSON has them: of a window with columns, an array for each row. */
function plain(signal: Signal | undefined): unknown {
  const other = signal?.other
  if (other === undefined) return signal?.number
  if (typeof other === 'string') return other
  if (other instanceof Float64Array) return [...other]
  if (isDetections(other)) return other.map((one) => ({ ...one }))
  // A picture has no place in an expression.
  if (!isWindow(other)) return undefined
  const { rows, columns, values } = other
  if (columns === 1) return [...values]
  return Array.from({ length: rows }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)])
}

function tellValue(out: Signal, value: unknown, gives: Of<'expression'>['gives']): true {
  const number = typeof value === 'boolean' ? Number(value) : value
  if (gives === 'number' || (typeof gives === 'object' && gives.vector === 1)) {
    if (typeof number === 'number' && Number.isFinite(number)) return tellNumber(out, number)
  } else if (gives === 'text') {
    if (typeof value === 'string') return tellText(out, value)
  } else if (Array.isArray(value) && value.length === gives.vector && value.every((part) => Number.isFinite(part))) {
    out.other = Float64Array.from(value)
    return true
  }
  return tellBad(out, 'expression_type', `the expression gave ${wordFor(value)}`)
}

/** What a sink carries and a person reads. */
const TEXT_MAX = 4_000

function tellText(out: Signal, text: string): true {
  out.number = Number.NaN
  out.other = text.slice(0, TEXT_MAX)
  return true
}

const wordFor = (value: unknown) =>
  Array.isArray(value) ? `an array of ${value.length}` : value === null ? 'null' : `a ${typeof value}`
