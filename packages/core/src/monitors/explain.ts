/** Explains a verdict in sentences: the figures, the thresholds, the windows and the cohorts that it rests on. */
import type {
  AccuracyEstimate,
  DriftRanking,
  ErrorEstimate,
  FeatureVerdict,
  Monitor,
  MonitorSpec,
  VersionVerdict,
} from '@skerry/contract/monitors/monitor'
import { baselineCommand, sourceIn } from '@skerry/contract/monitors/subject'
import { changesText } from './feature-changes.ts'
import { telling } from './together.ts'

/** How the program writes an instant. */
type Writing = { time: (ms: number) => string }

/** The ranking of each version whose performance is known. */
type Rankings = ReadonlyMap<number, DriftRanking>

export type Explanation = { version: number; state: VersionVerdict['state']; lines: string[] }

/** One for each version. */
export const explainMonitor = (
  { spec, versions }: Monitor,
  writing: Writing,
  rankings: Rankings = new Map(),
): Explanation[] =>
  versions.map((verdict) => {
    const ranking = rankings.get(verdict.version)
    const lines = linesOf(spec, verdict, writing)
    return {
      version: verdict.version,
      state: verdict.state,
      lines: [...lines, ...changeLines(spec, verdict), ...(ranking ? [rankingLine(spec, ranking)] : [])],
    }
  })

/** Other features than in the version before. */
const changeLines = ({ model }: MonitorSpec, { version, changes }: VersionVerdict) =>
  changes ? [changesText(version, changes, versionNoun(model))] : []

/** The word for a version of the subject. */
export const versionNoun = (subject: string): string => (sourceIn(subject) === undefined ? 'version' : 'reference')

function unprofiledLine(subject: string, version: number, { rows }: VersionVerdict): string {
  const command = baselineCommand(subject, version)
  return sourceIn(subject) === undefined
    ? `The version has no reference profile: run "${command}".`
    : `The source has no reference: devices have counted ${rows} rows in the compared time. Run "${command}" after a time in which all was well.`
}

/** More features are no place to look first. */
const RANKED_SHOWN = 5

function rankingLine({ significance }: MonitorSpec, { by, features }: DriftRanking): string {
  const source = by === 'labels' ? 'labels' : 'an estimate without labels'
  const found = telling(features, significance).slice(0, RANKED_SHOWN)
  if (found.length === 0) return `With the performance by ${source}: the drift of no feature goes together with it.`
  const names = found.map(({ feature, correlation }) => `${feature} (correlation ${figure(correlation)})`)
  return `With the performance by ${source}: answers were worse when these features had moved: ${names.join(', ')}.`
}

function linesOf(spec: MonitorSpec, verdict: VersionVerdict, writing: Writing): string[] {
  const { version, state, windows } = verdict
  if (state === 'unprofiled') return [unprofiledLine(spec.model, version, verdict)]
  if (windows === 0) return ['No device has sent a window in the compared time.']
  return [
    rowsLine(spec, verdict, writing),
    ...verdict.features.map((one) => featureLine(spec, one)),
    ...(verdict.estimated ? [estimateLine(spec, verdict.estimated)] : []),
    ...(verdict.estimatedError ? [errorLine(spec, verdict.estimatedError)] : []),
    ...placeLines(verdict),
  ]
}

function rowsLine(
  spec: MonitorSpec,
  { rows, windows, uncounted, lost = 0, fromMs, toMs }: VersionVerdict,
  { time }: Writing,
) {
  const span = fromMs === undefined || toMs === undefined ? '' : ` from ${time(fromMs)} to ${time(toMs)}`
  const left = uncounted > 0 ? ` ${uncounted} more rows were left out to save time.` : ''
  const gone = lost > 0 ? ` Devices lost at least ${lost} rows.` : ''
  return `Compared: ${rows} rows in ${windows} windows of single devices${span}. A verdict needs ${spec.rowsMin} values of a feature.${left}${gone}`
}

function featureLine(spec: MonitorSpec, one: FeatureVerdict): string {
  const { feature, state, values, stability = 0, pValue, missingShare } = one
  if (state === 'waiting') return `${feature}: not enough data, ${values} of ${spec.rowsMin} values.`
  const parts = [
    `stability index ${figure(stability)} (${limitsText(spec.drift)})`,
    ...(pValue === undefined ? [] : [chanceText(pValue, spec.significance)]),
    `missing ${figure(missingShare * 100)} % (${limitsText(spec.missing)} more than in the reference)`,
    ...(one.findings.includes('stuck') ? ['all values are one value, and those of the reference are not'] : []),
  ]
  return `${feature}: ${state}. ${parts.join('; ')}.`
}

function estimateLine(spec: MonitorSpec, { rows, accuracy, reference, state }: AccuracyEstimate): string {
  if (state === 'waiting') return `Accuracy: not enough confidences, ${rows} of ${spec.rowsMin} rows.`
  const { warn, alert } = spec.accuracy
  return `Accuracy: ${state}. The confidences let expect ${figure(accuracy * 100)} % right answers; the labelled rows had ${figure(reference * 100)} % (warns ${figure(warn * 100)} points below, alerts ${figure(alert * 100)} points below).`
}

function errorLine(spec: MonitorSpec, { rows, mae, reference, state }: ErrorEstimate): string {
  if (state === 'waiting') return `Error: not enough data, ${rows} of ${spec.rowsMin} rows.`
  const { warn, alert } = spec.error
  return `Error: ${state}. The values let expect a mean error of ${figure(mae)}; the labelled rows had ${figure(reference)} (warns ${figure(warn * 100)} % above, alerts ${figure(alert * 100)} % above).`
}

const limitsText = ({ warn, alert }: MonitorSpec['drift']) => `warns above ${warn}, alerts above ${alert}`

const chanceText = (pValue: number, significance: number) =>
  pValue > significance
    ? `chance explains it (p ${figure(pValue)} above ${significance}), so it is no drift`
    : `chance does not explain it (p ${figure(pValue)})`

function placeLines({ cohorts = [], moved = [] }: VersionVerdict): string[] {
  if (cohorts.length === 0) return []
  if (moved.length > 0) return [`It moved at ${moved.join(', ')}, and not in other cohorts.`]
  const judged = cohorts.filter(({ state }) => state === 'ok' || state === 'warn' || state === 'alert').length
  return [`${judged} of ${cohorts.length} cohorts have enough rows for a verdict of their own; none stands out.`]
}

/** Three digits: the figures come from counts in bins. */
const figure = (value: number) => String(Number(value.toPrecision(3)))
