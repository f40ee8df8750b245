/** Analysis words: what is measured of a wave, as clauses of a sentence, and how far it is. */
import type { Analysis, AnalysisRun, AnalysisView, Measure, Measurement } from '@skerry/contract/deployments/analysis'
import { durationWords } from '../values/duration.ts'

/** A clause for a wave's paragraph. */
export function analysisWords(analysis: Analysis): string {
  const { measure, success, failure, intervalSeconds, count, failureLimit, dryRun } = analysis
  const times = count === 1 ? 'once' : `${count} times, every ${durationWords(intervalSeconds)}`
  const conditions = [
    ...(success === undefined ? [] : [`success is ${success}`]),
    ...(failure === undefined ? [] : [`failure is ${failure}`]),
  ].join(', ')
  const end = dryRun ? 'which decides nothing' : failureWords(failureLimit)
  return `${measureName(measure)} is measured ${times}: ${conditions}, ${end}`
}

function failureWords(failureLimit: number): string {
  if (failureLimit < 0) return 'and failures are borne'
  return failureLimit === 0 ? 'and the first failure stops it' : `and more than ${failureLimit} failures stop it`
}

/** The measure in one word, or with what it is of. */
export function measureName(measure: Measure): string {
  if (typeof measure === 'string') return measure
  return 'webhook' in measure ? `the webhook ${measure.webhook}` : `predictions of ${measure.predictions}`
}

/** `errors 2/5`, with what it came to: for a line about a wave. */
export function progressWords({ analysis, run }: AnalysisView): string {
  const { name, count, dryRun } = analysis
  const stands = run?.verdict ?? `${run?.settled ?? 0}/${count}`
  return `${name} ${stands}${run?.isBorne ? ', borne' : ''}${dryRun ? ' (dry run)' : ''}`
}

/** What was measured last, and what it came to. */
export const measurementWords = ({ phase, message, result }: Measurement): string =>
  message === undefined ? `${phase}, ${valuesText(result ?? {})}` : `${phase}: ${message}`

/** A number with four digits that count: `p99_ratio 1.25, devices 12`. */
export const valuesText = (result: NonNullable<Measurement['result']>): string =>
  Object.entries(result)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(', ')

/** Why it stands so: its verdict's reason, or else what was measured last. */
export function whyWords(run: AnalysisRun | undefined): string {
  const last = run?.last.at(-1)
  if (run?.reason !== undefined) return run.reason
  return last ? measurementWords(last) : 'nothing measured yet'
}
