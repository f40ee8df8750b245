/** Values: operators that compute a value from a value. */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import { conversionOf } from '@skerry/contract/flows/flow-units'
import type { LookupTable } from '@skerry/core/flow/lookup-table'
import {
  isWindow,
  type Operator,
  QUALITY,
  takeWorst,
  tellBad,
  tellNumber,
  type WindowContent,
} from '@skerry/core/flow/signal'
import type { Norms } from '@skerry/core/flow/tensors/norms'
import { firstOf, NEVER_MS, passBad, soundOperator } from './operator.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

export function createConvert({ unit, ...given }: Of<'convert'>): Operator {
  const { scale, offset } = (unit && conversionOf(unit.from, unit.to)) ?? given
  let row = new Float64Array(0)
  return soundOperator((from, out) => {
    const { number, other } = firstOf(from)
    if (!(other instanceof Float64Array)) return tellNumber(out, number * scale + offset)
    if (row.length !== other.length) row = new Float64Array(other.length)
    for (let at = 0; at < row.length; at++) row[at] = (other[at] ?? 0) * scale + offset
    out.other = row
    return true
  })
}

/** A bad value also takes a place among the earlier ones: the fifth last value stays the fifth last. */
export function createLag({ samples }: Of<'lag'>): Operator {
  const values = new Float64Array(samples)
  const qualities = new Uint8Array(samples)
  let count = 0
  return {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, _instant, out) {
      const { number, quality } = firstOf(from)
      const at = count % samples
      const then = { number: values[at] ?? 0, quality: qualities[at] ?? 0 }
      values[at] = number
      qualities[at] = quality
      count += 1
      if (count <= samples) return false
      if (then.quality === QUALITY.bad) return tellBad(out, 'value_missing', `the value ${samples} before was bad`)
      takeWorst([], out)
      if (then.quality === QUALITY.uncertain) {
        out.quality = QUALITY.uncertain
        out.cause = { code: 'value_doubtful', message: `the value ${samples} before was uncertain` }
      }
      return tellNumber(out, then.number)
    },
  }
}

const PER_MS = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const

export function createDifference({ per }: Of<'difference'>): Operator {
  let before: { number: number; timeMs: number } | undefined
  return {
    dueMs: NEVER_MS,
    dropped: 0,
    run(from, { timeMs }, out) {
      const { number } = firstOf(from)
      if (takeWorst(from, out) === QUALITY.bad) {
        before = undefined
        return passBad(out)
      }
      const was = before
      before = { number, timeMs }
      // A rate over no time is not a number.
      if (!was || (per !== 'sample' && timeMs <= was.timeMs)) return false
      const change = number - was.number
      return tellNumber(out, per === 'sample' ? change : (change / (timeMs - was.timeMs)) * PER_MS[per])
    },
  }
}

export function createOneHot({ of, other }: Of<'one-hot'>): Operator {
  const row = new Float64Array(of.length)
  return soundOperator((from, out) => {
    const signal = firstOf(from)
    const value = typeof signal.other === 'string' ? signal.other : signal.number
    const place = of.indexOf(value)
    if (place < 0 && other === 'bad') return tellBad(out, 'value_unnamed', `${value} is not among the named values`)
    row.fill(0)
    if (place >= 0) row[place] = 1
    out.other = row
    return true
  })
}

/** `table`: returns the current one, which changes as a whole. */
export function createLookup({ data, file, otherwise }: Of<'lookup'>, table: () => LookupTable | undefined): Operator {
  return soundOperator((from, out) => {
    const rows = table()
    if (!rows) return tellBad(out, 'table_missing', `there is no ${file} of the data ${data} here`)
    const signal = firstOf(from)
    const key = typeof signal.other === 'string' ? signal.other : String(signal.number)
    const found = rows.get(key) ?? otherwise
    if (found === undefined)
      return tellBad(out, 'key_unknown', `${file} of the data ${data} has no key ${key.slice(0, 80)}`)
    if (typeof found === 'number') return tellNumber(out, found)
    out.number = Number.NaN
    out.other = found
    return true
  })
}

/** Each column has its own mean and spread, or all share one. */
/** `norms`: returns the current ones. */
export function createNormalise(norms: () => Norms): Operator {
  let row = new Float64Array(0)
  return soundOperator((from, out) => {
    const { number, other } = firstOf(from)
    const { mean, std } = norms()
    const norm = (value: number, column: number) =>
      (value - (mean[mean.length === 1 ? 0 : column] ?? 0)) / (std[std.length === 1 ? 0 : column] ?? 1)
    if (!(other instanceof Float64Array) && !isWindow(other)) return tellNumber(out, norm(number, 0))
    const values = other instanceof Float64Array ? other : other.values
    const columns = other instanceof Float64Array ? other.length : other.columns
    if (row.length !== values.length) row = new Float64Array(values.length)
    for (let at = 0; at < row.length; at++) row[at] = norm(values[at] ?? 0, at % columns)
    out.other = other instanceof Float64Array ? row : ({ ...other, values: row } satisfies WindowContent)
    return true
  })
}
