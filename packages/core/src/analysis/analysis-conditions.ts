/**
 * Analysis conditions: the CEL expressions of an analysis. They are checked when the analysis is applied, and judged on
 * each measured result.
 *
 * Every number is a real one. A condition that names a field which its measure does not have is rejected when it is
 * applied. A webhook is the exception, because its answer may hold anything. If a field is missing when the condition
 * is measured, the measurement is inconclusive (law 7), unless the condition checks for it with `has()`.
 */
import type { Analysis, MeasuredResult, Measurement } from '@skerry/contract/deployments/analysis'
import { compileExpression, type Expression, type ExpressionRefusal } from '../language/expression.ts'
import { MEASURES, type WaveFacts } from './analysis-measures.ts'
import { valuesText } from './analysis-words.ts'

type Conditioned = Pick<Analysis, 'measure' | 'success' | 'failure'>

/** The row of the measure; undefined for a webhook. */
function rowOf(measure: Analysis['measure']) {
  if (typeof measure === 'string') return MEASURES[measure]
  return 'predictions' in measure ? MEASURES.predictions : undefined
}

/** Why the analysis cannot work; undefined if it can. */
export function analysisProblem(analysis: Analysis): string | undefined {
  const fields = rowOf(analysis.measure)?.fields
  for (const condition of ['success', 'failure'] as const) {
    const text = analysis[condition]
    const compiled = text === undefined ? undefined : compile(analysis, text)
    if (compiled && !compiled.ok) return `${condition}: ${compiled.problem}`
    if (compiled?.reads.length === 0) return `${condition}: it uses no field of the result`
  }
  if (analysis.minDevices !== undefined && !fields?.devices) return 'minDevices: this measure has no number of devices'
  if (analysis.minRequests !== undefined && !fields?.requests)
    return 'minRequests: this measure has no number of requests'
  return undefined
}

function compile({ measure }: Pick<Analysis, 'measure'>, text: string): Expression | ExpressionRefusal {
  const fields = rowOf(measure)?.fields
  const compiled = compileExpression(text, {
    noun: 'condition',
    sample: { result: fields ?? {} },
    numbers: 'real',
    isOpen: fields === undefined,
  })
  if (!compiled.ok || !fields) return compiled
  const unknown = compiled.reads.find((path) => !Object.hasOwn(fields, fieldOf(path)))
  if (unknown === undefined) return compiled
  return { ok: false, problem: `result has no ${fieldOf(unknown)}; it has ${Object.keys(fields).join(', ')}` }
}

const fieldOf = (path: string) => path.slice(path.indexOf('.') + 1)

/** The result of a built-in measure for the wave. Undefined if there is no data, and for a webhook. */
export function measureWave({ measure }: Pick<Analysis, 'measure'>, facts: WaveFacts): MeasuredResult | undefined {
  const output = typeof measure === 'object' && 'predictions' in measure ? measure.predictions : undefined
  return rowOf(measure)?.measure(facts, output)
}

/** The data that a built-in measure lacks for a result; undefined if it lacks none, or knows no more. */
export const gapOfWave = ({ measure }: Pick<Analysis, 'measure'>, facts: WaveFacts): string | undefined =>
  rowOf(measure)?.gap?.(facts)

/** A measurement before it is judged. `gap` says which data a missing result or field lacks. */
export type Taken = { dueAtMs: number; atMs: number } & (
  | { result: MeasuredResult | undefined; gap?: string | undefined }
  | { error: string }
)

/** The measurement that this is, by the conditions of the analysis. */
export function judgeTaken(analysis: Analysis, taken: Taken): Measurement {
  const times = { dueAtMs: taken.dueAtMs, atMs: taken.atMs }
  if ('error' in taken) return { ...times, phase: 'error', message: cut(taken.error) }
  const { result = {}, gap } = taken
  const compiled = compileBoth(analysis)
  if (!compiled.ok) return { ...times, phase: 'error', message: cut(compiled.problem) }
  const reads = [...(compiled.success?.reads ?? []), ...(compiled.failure?.reads ?? [])].map(fieldOf)
  const kept = keep(result, [...reads, 'value', 'devices', 'requests'])
  return {
    ...times,
    ...(Object.keys(kept).length > 0 && { result: kept }),
    ...judge(analysis, compiled, { result, reads, gap }),
  }
}

type Compiled = { ok: true; success?: Expression | undefined; failure?: Expression | undefined }

function compileBoth(analysis: Conditioned): Compiled | ExpressionRefusal {
  const [success, failure] = [analysis.success, analysis.failure].map((text) =>
    text === undefined ? undefined : compile(analysis, text),
  )
  if (success && !success.ok) return success
  if (failure && !failure.ok) return failure
  return { ok: true, success, failure }
}

type Found = Pick<Measurement, 'phase' | 'message'>

function judge(
  analysis: Analysis,
  { success, failure }: Compiled,
  { result, reads, gap: known }: { result: MeasuredResult; reads: readonly string[]; gap: string | undefined },
): Found {
  const missing = gapOf(analysis, result, reads)
  const gap = missing?.isUnmeasured ? (known ?? missing.text) : missing?.text
  if (gap !== undefined) return { phase: 'inconclusive', message: cut(gap) }
  const verdicts = [success, failure].map((condition) => condition?.judge({ result }))
  const problem = verdicts.find((verdict) => verdict?.problem !== undefined)?.problem
  if (problem !== undefined) return { phase: 'error', message: cut(problem) }
  const [isSuccess, isFailure] = verdicts.map((verdict) => verdict?.matches)
  const values = valuesText(keep(result, reads))
  if (isFailure) return { phase: 'failed', message: cut(`${analysis.failure} with ${values}`) }
  if (isSuccess || (success === undefined && isFailure === false)) return { phase: 'successful' }
  if (failure === undefined) return { phase: 'failed', message: cut(`not ${analysis.success} with ${values}`) }
  return { phase: 'inconclusive', message: cut(`neither success nor failure with ${values}`) }
}

/** The data that is missing for a judgement. `isUnmeasured`: a field is missing, and not only too small a number. */
function gapOf(
  { minDevices = 0, minRequests = 0 }: Analysis,
  result: MeasuredResult,
  reads: readonly string[],
): { text: string; isUnmeasured: boolean } | undefined {
  if (Object.keys(result).length === 0) return { text: 'there is nothing to measure yet', isUnmeasured: true }
  const missing = reads.find((field) => !Object.hasOwn(result, field))
  if (missing !== undefined) return { text: `there is no ${missing} yet`, isUnmeasured: true }
  const { devices = 0, requests = 0 } = result
  if (Number(devices) < minDevices)
    return { text: `${devices} of at least ${minDevices} devices reported`, isUnmeasured: false }
  if (Number(requests) < minRequests)
    return { text: `${requests} of at least ${minRequests} requests counted`, isUnmeasured: false }
  return undefined
}

const keep = (result: MeasuredResult, names: readonly string[]): MeasuredResult =>
  Object.fromEntries(Object.entries(result).filter(([name]) => names.includes(name)))

/** [contract, Measurement.message] */
const cut = (text: string) => (text.length > 500 ? `${text.slice(0, 499)}…` : text)
