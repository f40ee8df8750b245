/** Monitor view: monitors as a table, and one with its features and actions. */
import type { FeatureVerdict, Monitor, MonitorAct, VersionVerdict } from '@skerry/contract/monitors/monitor'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText, durationText, instantText } from '../../program/terminal/words.ts'

/** One line for each version of each monitor. */
export const monitorsTable = (monitors: readonly Monitor[], style: Style): string =>
  tableOf(
    style,
    ['MODEL', 'STATE', 'VERSION', 'STATE OF VERSION', 'ROWS', 'MOVED MOST'],
    monitors.flatMap(({ spec, state, versions }) =>
      versions.length === 0
        ? [[spec.model, state, '', '', '', '']]
        : versions.map((version, at) => [at === 0 ? spec.model : '', at === 0 ? state : '', ...versionCells(version)]),
    ),
    'no monitors yet; "skerry monitor set" makes one',
  )

function versionCells({ version, state, rows, features: [worst] }: VersionVerdict) {
  return [version, state, rows, worst?.stability === undefined ? '' : `${worst.feature} ${figure(worst.stability)}`]
}

export function monitorText(monitor: Monitor, style: Style, nowMs: number): string {
  const { spec, state, sinceMs, versions, acts, changedAtMs, changedBy } = monitor
  const facts = factsOf(style, [
    ['model', spec.model],
    ['state', `${state}${sinceMs === undefined ? '' : `, since ${agoText(sinceMs, nowMs)}`}`],
    ['window', `${durationText(spec.windowSeconds * 1_000)}; the newest ${spec.windows} are compared together`],
    ['stability', `warns above ${spec.drift.warn}, alerts above ${spec.drift.alert}`],
    ['missing', `warns above ${spec.missing.warn}, alerts above ${spec.missing.alert} more than in the reference`],
    ['least rows', spec.rowsMin],
    ['actions', spec.actions.length === 0 ? 'alert only' : spec.actions.map(actionText).join('; ')],
    ['set', `${instantText(changedAtMs)} by ${changedBy}`],
  ])
  const parts = versions.map((version) => versionText(spec.model, version, style))
  const none = versions.length === 0 ? ['No device serves the model yet.'] : []
  return [facts, ...none, ...parts, ...(acts.length > 0 ? [actsTable(acts, style, nowMs)] : [])].join('\n\n')
}

const actionText = ({ do: action, isDryRun, coolDownSeconds, weeklyMax }: Monitor['spec']['actions'][number]) =>
  `${action}${isDryRun ? ' (dry run)' : ''}, at most once in ${durationText(coolDownSeconds * 1_000)} and ${weeklyMax} a week`

function versionText(model: string, verdict: VersionVerdict, style: Style): string {
  const { version, state, windows, rows, uncounted, features } = verdict
  const name = `${model}:${version}`
  if (state === 'unprofiled') return `${name} has no reference profile: run "skerry monitor baseline ${name}".`
  if (state === 'quiet') return `${name}: no device has sent a window in the compared time.`
  const left = uncounted > 0 ? `, ${countText(uncounted, 'row')} left out to save time` : ''
  const head = `${name}: ${state}, ${countText(rows, 'row')} in ${countText(windows, 'window')}${left}`
  const heads = ['FEATURE', 'STATE', 'WHY', 'STABILITY', 'JENSEN-SHANNON', 'KS', 'MISSING', 'MEAN', 'REFERENCE']
  return `${head}\n\n${tableOf(style, heads, features.map(featureCells), '')}`
}

const featureCells = (feature: FeatureVerdict) => [
  feature.feature,
  feature.state,
  feature.findings.join(', '),
  figure(feature.stability),
  figure(feature.jensenShannon),
  figure(feature.kolmogorovSmirnov),
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
