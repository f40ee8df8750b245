/** Deployment words: describes a deployment in a paragraph that a person can read before agreeing to it. */
import type { DeploymentSpec, Strategy, WaveSpec } from '@skerry/contract/deployments/deployment'
import { Serving } from '@skerry/contract/models/serving'
import { analysisWords } from '../analysis/analysis-words.ts'
import { preferenceOf, preferenceWords } from '../builds/preference.ts'
import { selectorWords } from '../selectors/selector-words.ts'
import { parseAmount } from '../values/amount.ts'
import { durationWords } from '../values/duration.ts'
import { paceWords } from './pace-words.ts'
import { rollbackStrategy } from './rollback/rollback.ts'
import { nextWavesWords } from './rollback/rollback-words.ts'
import { stageWords } from './stage-words.ts'
import { windowWords } from './window-text.ts'

/** How the spec went out. */
export type SpecRun = {
  /** No device is offered its version any more. */
  isRejected?: boolean | undefined
  /** The revision to which it rolled the deployment back. */
  rollbackTo?: number | undefined
}

/** The paragraph. `version` is the number that the spec's version resolves to now, if that is known. */
export function deploymentWords(spec: DeploymentSpec, version?: number, run: SpecRun = {}): string {
  const { isRejected, rollbackTo } = run
  const strategy = rollbackTo === undefined ? spec.strategy : rollbackStrategy(spec.strategy)
  return [
    `The deployment ${spec.name} ${isRejected ? 'asked' : 'asks'} for ${whatWords(spec, version)} on ${selectorWords(spec.selector, 'every device')}.`,
    ...(rollbackTo === undefined ? [] : [`It is a rollback to revision ${rollbackTo}.`]),
    ...wavesWords(strategy.waves),
    ...paceWords(strategy),
    ...stageWords(strategy),
    ...windowWords(strategy),
    failureWords(strategy.onFailure),
    offlineWords(strategy),
    ...(rollbackTo === undefined ? [] : nextWavesWords(spec.strategy)),
    servingWords(spec.serving),
    probationWords(spec),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function whatWords(spec: DeploymentSpec, version: number | undefined): string {
  return `${versionWords(spec, version)}${buildClause(spec.build)}`
}

function buildClause(build: DeploymentSpec['build']): string {
  if (build === undefined) return ''
  const prefer = preferenceOf(build)
  if (prefer === undefined) return `, in its build ${build},`
  return prefer === 'best'
    ? ', in the best build for the class of each device,'
    : `, in ${preferenceWords[prefer]} for the class of each device,`
}

function versionWords({ deployable, version: reference }: DeploymentSpec, version: number | undefined): string {
  if (/^\d/.test(reference)) return `version ${reference} of ${deployable}`
  const now = version === undefined ? '' : ` (version ${version} now)`
  const which =
    reference === 'latest'
      ? `the newest version of ${deployable}`
      : `the version of ${deployable} that ${reference} names`
  return `${which}${now}`
}

function wavesWords(waves: readonly WaveSpec[]): string[] {
  const last = waves.at(-1)
  const isWhole = last !== undefined && last.limit === undefined && last.selector === undefined
  if (waves.length === 0) return ['The hub offers it to all devices at once; the first failure stops it.']
  const count = waves.length + (isWhole ? 0 : 1)
  if (count === 1 && last) return [`The hub offers it to all devices at once; ${limitsWords(last, true)}.`]
  const sentences = waves.map((wave, index) => {
    const begin = index === 0 ? 'First' : index === count - 1 ? 'Last' : 'Then'
    return `${begin}, ${takesWords(wave, index, index === count - 1)}; ${limitsWords(wave, index === count - 1)}.`
  })
  const rest = isWhole ? [] : ['Last, all remaining devices take it; the first failure stops it.']
  return [`It rolls out in ${count} waves.`, ...sentences, ...rest]
}

function takesWords({ name, limit, selector }: WaveSpec, index: number, isLast: boolean): string {
  const wave = `wave ${name ?? index + 1}`
  if (limit === undefined && selector === undefined)
    return isLast ? `${wave} takes all remaining devices` : `${wave} takes all devices`
  const amount = limit === undefined ? '' : amountWords(limit)
  if (selector === undefined) return `${wave} takes ${amount}`
  return `${wave} takes ${amount === '' ? selectorWords(selector, 'every device') : `${amount} of ${selectorWords(selector, 'those')}`}`
}

function amountWords(limit: NonNullable<WaveSpec['limit']>): string {
  const amount = parseAmount(limit)
  if (amount.kind === 'share') return `${amount.hundredths / 100} % of the devices`
  return amount.count === 1 ? '1 device' : `${amount.count} devices`
}

function limitsWords(wave: WaveSpec, isLast: boolean): string {
  const {
    soakSeconds,
    failuresMax,
    minExecuted,
    deadlineSeconds,
    limits = [],
    approval,
    pauseAfter,
    mandatory,
    analysis = [],
  } = wave
  const until = isLast ? 'before it is done' : 'before the next step'
  const soak = soakSeconds === 0 ? [] : [`it must stay healthy for ${durationWords(soakSeconds)} ${until}`]
  const deadline = `a device without a report for ${durationWords(deadlineSeconds)} counts as failed`
  return [
    ...(mandatory ? ['each of its devices must become healthy'] : []),
    ...(approval ? ['it opens only when a person approves'] : []),
    ...soak,
    failuresWords(failuresMax, minExecuted),
    ...limits.map(({ kind, max, minExecuted: least }) => `${failuresWords(max, least)} (${KINDS[kind]})`),
    ...(deadlineSeconds === 86_400 ? [] : [deadline]),
    ...analysis.map(analysisWords),
    ...(pauseAfter && !isLast ? ['then it pauses until a person resumes it'] : []),
  ].join('; ')
}

const KINDS = {
  failed: 'only failures on the device',
  rejected: 'only rejections',
  'timed-out': 'only timeouts',
  all: 'all kinds together',
} as const

function failuresWords(failuresMax: WaveSpec['failuresMax'], minExecuted: number): string {
  const amount = parseAmount(failuresMax)
  if (amount.kind === 'share') {
    const judged = minExecuted === 1 ? '' : `, judged after ${minExecuted} reports,`
    return `more than ${amount.hundredths / 100} % of failures${judged} stop it`
  }
  if (amount.count === 0) return 'the first failure stops it'
  return amount.count === 1 ? 'more than 1 failure stops it' : `more than ${amount.count} failures stop it`
}

function failureWords(onFailure: Strategy['onFailure']): string {
  const words = {
    pause: 'it pauses, and a person decides',
    abort: 'it ends: no further device gets the version, and healthy devices keep it',
    'rollback-wave': 'the devices of that wave roll back to their last good version',
    'rollback-all': 'every device rolls back to its last good version',
  } as const
  return `When it is stopped, ${words[onFailure]}.`
}

function offlineWords({ offline, lateJoiners }: Strategy): string {
  const away = {
    wait: 'The rollout waits for offline devices until the deadline',
    skip: 'The rollout skips devices that are offline when their wave opens',
  } as const
  const late = {
    wave: 'devices that match later join the wave that matches them',
    last: 'devices that match later join the last wave',
    hold: 'devices that match later wait until it is done',
  } as const
  return `${away[offline]}, and ${late[lateJoiners]}.`
}

function servingWords(serving: Serving): string {
  const usual = Serving.parse({})
  const names = Object.keys(usual) as (keyof Serving)[]
  const changed = names.filter((name) => serving[name] !== usual[name]).map((name) => `${name} ${serving[name]}`)
  return changed.length === 0 ? '' : `It is served with ${changed.join(', ')}.`
}

function probationWords({ probation: { seconds, failureRateMax } }: DeploymentSpec): string {
  if (seconds === 0) return 'On each device it is good as soon as it passes its golden cases.'
  const rate = Math.round(failureRateMax * 10_000) / 100
  return `On each device it is on probation for ${durationWords(seconds)}. The device rolls it back when more than ${rate} % of its requests fail.`
}
