/**
 * Analysis conditions: the CEL expressions of an analysis, checked when it is applied, and what a measured result means by them.
 *
 * Every number is a real one. What a condition names and the measure does not give is told at the door, except of a webhook, whose answer may
 * hold anything; what is not there when it is measured makes the measurement inconclusive (law 7), unless the condition asks by `has()`.
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

/** Why the analysis cannot work; undefined where it can. */
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

/** What a built-in measure gives for the wave; undefined where there is nothing to tell of, and for a webhook. */
export function measureWave({ measure }: Pick<Analysis, 'measure'>, facts: WaveFacts): MeasuredResult | undefined {
  const output = typeof measure === 'object' && 'predictions' in measure ? measure.predictions : undefined
  return rowOf(measure)?.measure(facts, output)
}

/** What is known of a measurement before it is judged. */
export type Taken = { dueAtMs: number; atMs: number } & ({ result: MeasuredResult | undefined } | { error: string })

/** The measurement that this is, by the conditions of the analysis. */
export function judgeTaken(analysis: Analysis, taken: Taken): Measurement {
  const times = { dueAtMs: taken.dueAtMs, atMs: taken.atMs }
  if ('error' in taken) return { ...times, phase: 'error', message: cut(taken.error) }
  const { result = {} } = taken
  const compiled = compileBoth(analysis)
  if (!compiled.ok) return { ...times, phase: 'error', message: cut(compiled.problem) }
  const reads = [...(compiled.success?.reads ?? []), ...(compiled.failure?.reads ?? [])].map(fieldOf)
  const kept = keep(result, [...reads, 'value', 'devices', 'requests'])
  return {
    ...times,
    ...(Object.keys(kept).length > 0 && { result: kept }),
    ...judge(analysis, compiled, { result, reads }),
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
  { result, reads }: { result: MeasuredResult; reads: readonly string[] },
): Found {
  const gap = gapOf(analysis, result, reads)
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

/** What is missing to judge by. */
function gapOf(
  { minDevices = 0, minRequests = 0 }: Analysis,
  result: MeasuredResult,
  reads: readonly string[],
): string | undefined {
  if (Object.keys(result).length === 0) return 'there is nothing to measure yet'
  const missing = reads.find((field) => !Object.hasOwn(result, field))
  if (missing !== undefined) return `there is no ${missing} yet`
  if (Number(result.devices ?? 0) < minDevices)
    return `${result.devices ?? 0} of at least ${minDevices} devices reported`
  if (Number(result.requests ?? 0) < minRequests)
    return `${result.requests ?? 0} of at least ${minRequests} requests counted`
  return undefined
}

const keep = (result: MeasuredResult, names: readonly string[]): MeasuredResult =>
  Object.fromEntries(Object.entries(result).filter(([name]) => names.includes(name)))

/** [contract, Measurement.message] */
const cut = (text: string) => (text.length > 500 ? `${text.slice(0, 499)}…` : text)
