/** Analysis words: describes in clauses of a sentence the measurements of a wave, and their progress. */
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
  const end = dryRun ? 'without effect on the rollout' : failureWords(failureLimit)
  return `${measureName(measure)} is measured ${times}: ${conditions}, ${end}`
}

function failureWords(failureLimit: number): string {
  if (failureLimit < 0) return 'and failures are tolerated'
  return failureLimit === 0 ? 'and the first failure stops it' : `and more than ${failureLimit} failures stop it`
}

/** The measure in one word, or with its subject. */
export function measureName(measure: Measure): string {
  if (typeof measure === 'string') return measure
  return 'webhook' in measure ? `the webhook ${measure.webhook}` : `predictions of ${measure.predictions}`
}

/** `errors 2/5`, with its result: for a line about a wave. */
export function progressWords({ analysis, run }: AnalysisView): string {
  const { name, count, dryRun } = analysis
  const stands = run?.verdict ?? `${run?.settled ?? 0}/${count}`
  return `${name} ${stands}${run?.isBorne ? ', tolerated' : ''}${dryRun ? ' (dry run)' : ''}`
}

/** The last measurement and its result. */
export const measurementWords = ({ phase, message, result }: Measurement): string =>
  message === undefined ? `${phase}, ${valuesText(result ?? {})}` : `${phase}: ${message}`

/** A number with four digits that count: `p99_ratio 1.25, devices 12`. */
export const valuesText = (result: NonNullable<Measurement['result']>): string =>
  Object.entries(result)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(', ')

/** The reason for its state: the reason of its verdict, or else the last measurement. */
export function whyWords(run: AnalysisRun | undefined): string {
  const last = run?.last.at(-1)
  if (run?.reason !== undefined) return run.reason
  return last ? measurementWords(last) : 'nothing measured yet'
}
