/** Monitor view: monitors as a table, and one with its features and actions. */
import type { MonitorAct, MonitorAction } from '@skerry/contract/monitors/action'
import type {
  AccuracyEstimate,
  CohortVerdict,
  DroppedWindows,
  ErrorEstimate,
  FeatureVerdict,
  Monitor,
  VersionVerdict,
} from '@skerry/contract/monitors/monitor'
import { baselineCommand } from '@skerry/contract/monitors/subject'
import { actionName } from '@skerry/core/monitors/actions'
import { versionNoun } from '@skerry/core/monitors/explain'
import { changesText } from '@skerry/core/monitors/feature-changes'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText, durationText, instantText } from '../../program/terminal/words.ts'

/** One line for each version of each monitor. */
export const monitorsTable = (monitors: readonly Monitor[], style: Style): string =>
  tableOf(
    style,
    ['MODEL', 'STATE', 'VERSION', 'STATE OF VERSION', 'ROWS', 'MOVED MOST', 'WHERE'],
    monitors.flatMap(({ spec, state, versions }) =>
      versions.length === 0
        ? [[spec.model, state, '', '', '', '', '']]
        : versions.map((version, at) => [at === 0 ? spec.model : '', at === 0 ? state : '', ...versionCells(version)]),
    ),
    'no monitors yet; "skerry monitor set" makes one',
  )

function versionCells({ version, state, rows, features: [worst], moved = [] }: VersionVerdict) {
  const most = worst?.stability === undefined ? '' : `${worst.feature} ${figure(worst.stability)}`
  return [version, state, rows, most, moved.join(', ')]
}

export function monitorText(monitor: Monitor, style: Style, nowMs: number): string {
  const { spec, state, sinceMs, versions, acts, changedAtMs, changedBy, revision } = monitor
  const facts = factsOf(style, [
    ['model', spec.model],
    ['tags', spec.tags?.join(', ')],
    ['state', `${state}${sinceMs === undefined ? '' : `, since ${agoText(sinceMs, nowMs)}`}`],
    ['window', `${durationText(spec.windowSeconds * 1_000)}; the newest ${spec.windows} are compared together`],
    ['stability', `warns above ${spec.drift.warn}, alerts above ${spec.drift.alert}`],
    ['missing', `warns above ${spec.missing.warn}, alerts above ${spec.missing.alert} more than in the reference`],
    ['accuracy', `warns ${spec.accuracy.warn} below the labelled rows, alerts ${spec.accuracy.alert} below`],
    ['error', `warns ${spec.error.warn * 100} % above the labelled rows, alerts ${spec.error.alert * 100} % above`],
    ['least rows', spec.rowsMin],
    ['actions', spec.actions.length === 0 ? 'alert only' : spec.actions.map(actionText).join('; ')],
    ['cohorts', `${spec.cohorts.join(', ') || 'none'}${OWN[spec.reference]}`],
    ['earlier', earlierText(monitor)],
    ...restraintFacts(monitor),
    ['set', `${instantText(changedAtMs)} by ${changedBy}${revision === undefined ? '' : `, revision ${revision}`}`],
  ])
  const parts = versions.map((version) => versionText(spec.model, version, style))
  const none = versions.length === 0 ? ['No device serves the model yet.'] : []
  return [facts, ...none, ...parts, ...(acts.length > 0 ? [actsTable(acts, style, nowMs)] : [])].join('\n\n')
}

/** Their series are in the console, and in the API. */
const earlierText = ({ earlier = [], spec }: Monitor) =>
  earlier.length === 0 ? undefined : `history of ${versionNoun(spec.model)} ${earlier.join(', ')}`

const OWN: Readonly<Record<Monitor['spec']['reference'], string>> = {
  version: '',
  cohort: ', each compared with its own reference if it has one',
}

/** The mute, the held flows and the windows that were not counted. None of them is usual. */
function restraintFacts({ mute, isMuted, holds = [], dropped = [] }: Monitor): [string, string][] {
  const muted = mute
    ? `until ${instantText(mute.untilMs)} by ${mute.by}: ${mute.reason}`
    : isMuted
      ? 'a quiet time is open'
      : undefined
  return [
    ...(muted === undefined ? [] : [['muted', muted] satisfies [string, string]]),
    ...holds.map(({ flow, sinceMs, reason }): [string, string] => [
      'holds',
      `the flow ${flow} writes no tags since ${instantText(sinceMs)}: ${reason}`,
    ]),
    ...dropped.map((one): [string, string] => ['not counted', droppedText(one)]),
  ]
}

const DROPPED: Readonly<Record<DroppedWindows['reason'], string>> = {
  bins: 'counted with another reference profile',
  stranger: 'from devices that do not run the model',
  unreadable: 'could not be read',
}

const droppedText = ({ reason, windows, rows }: DroppedWindows) =>
  `${countText(windows, 'window')} with ${countText(rows, 'row')} ${DROPPED[reason]}, in the last 30 days`

function actionText(action: MonitorAction): string {
  const { isDryRun, coolDownSeconds, weeklyMax } = action
  return `${actionName(action)}${isDryRun ? ' (dry run)' : ''}, at most once in ${durationText(coolDownSeconds * 1_000)} and ${weeklyMax} a week`
}

function versionText(model: string, verdict: VersionVerdict, style: Style): string {
  const { version, state, windows, rows, uncounted, features } = verdict
  const name = `${model}:${version}`
  if (state === 'unprofiled') return `${name} has no reference profile: run "${baselineCommand(model, version)}".`
  if (state === 'quiet') return `${name}: no device has sent a window in the compared time.`
  const left = uncounted > 0 ? `, ${countText(uncounted, 'row')} left out to save time` : ''
  const head = `${name}: ${state}, ${countText(rows, 'row')} in ${countText(windows, 'window')}${left}`
  const heads = [
    'FEATURE',
    'STATE',
    'WHY',
    'STABILITY',
    'P',
    'JENSEN-SHANNON',
    'KS',
    'WASSERSTEIN',
    'MISSING',
    'MEAN',
    'REFERENCE',
  ]
  const lost =
    verdict.lost === undefined
      ? ''
      : `\nDevices lost at least ${countText(verdict.lost, 'row')}, because runners ended.`
  const sure = verdict.estimated ? `\n${estimateText(verdict.estimated)}` : ''
  const wrong = verdict.estimatedError ? `\n${errorText(verdict.estimatedError)}` : ''
  const other = verdict.changes ? `\n${changesText(version, verdict.changes, versionNoun(model))}` : ''
  return `${head}${lost}${sure}${wrong}${other}\n\n${tableOf(style, heads, features.map(featureCells), '')}${cohortsText(verdict, style)}`
}

function estimateText({ rows, accuracy, reference, state }: AccuracyEstimate): string {
  const shares = `${figure(accuracy * 100)} % right by ${countText(rows, 'confidence')}, ${figure(reference * 100)} % in the labelled rows`
  return `Estimated accuracy: ${state}, ${shares}`
}

const errorText = ({ rows, mae, reference, state }: ErrorEstimate) =>
  `Estimated error: ${state}, ${figure(mae)} by ${countText(rows, 'row')}, ${figure(reference)} in the labelled rows`

/** A longer list is in --json. */
const COHORTS_SHOWN = 20

function cohortsText({ cohorts = [], moved = [] }: VersionVerdict, style: Style): string {
  if (cohorts.length === 0) return ''
  const where = moved.length > 0 ? `\n\nIt moved at ${moved.join(', ')}, and not in other cohorts.` : ''
  const table = tableOf(
    style,
    ['COHORT', 'STATE', 'ROWS', 'MOVED MOST', 'REFERENCE'],
    cohorts.slice(0, COHORTS_SHOWN).map(cohortCells),
    '',
  )
  return `${where}\n\n${table}`
}

function cohortCells({ cohort, state, rows, isOwnReference, features: [worst] }: CohortVerdict) {
  const most = worst?.stability === undefined ? '' : `${worst.feature} ${figure(worst.stability)}`
  return [cohort, state, rows, most, isOwnReference ? 'its own' : 'of the version']
}

const featureCells = (feature: FeatureVerdict) => [
  feature.feature,
  feature.state,
  feature.findings.join(', '),
  figure(feature.stability),
  figure(feature.pValue),
  figure(feature.jensenShannon),
  figure(feature.kolmogorovSmirnov),
  figure(feature.wasserstein),
  feature.missingShare === 0 ? '' : `${figure(feature.missingShare * 100)} %`,
  figure(feature.mean),
  figure(feature.referenceMean),
]

/** Three digits: the figures come from counts in bins. */
const figure = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(3))))

const actsTable = (acts: readonly MonitorAct[], style: Style, nowMs: number): string =>
  tableOf(
    style,
    ['DONE', 'ACTION', 'VERSION', 'OUTCOME', 'WHAT'],
    acts.map(({ atMs, action, version, outcome, message }) => [
      agoText(atMs, nowMs),
      action,
      version,
      outcome,
      message,
    ]),
    '',
  )
