/**
 * Deploy command: the `skerry deploy` line that makes exactly this deployment, where one can say it. `skerry deploy` keeps what an existing
 * deployment says and is not said anew, so everything is said that is not as usual, or not as it is now: the line means the same on a hub
 * that has the deployment already and on one that has not. It can say one soak, limit and deadline for all waves; a strategy that needs more
 * is a preset, or a file.
 */
import { DeploymentSpec, type WaveSpec } from '@skerry/contract/deployments/deployment'
import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import { analysisText } from '../analysis/analysis-text.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import { durationText } from '../values/duration.ts'
import { budgetText, rateText, retryText } from './pace-text.ts'
import { shadowText, switchText } from './stage-text.ts'
import { presetOf, presetStrategy } from './strategy-presets.ts'
import { windowText } from './window-text.ts'

/** The line; undefined where only "skerry apply -f" can say it. `existing` is what the hub has under the name now. */
export function deployCommand(spec: DeploymentSpec, existing?: DeploymentSpec): string | undefined {
  const usual = DeploymentSpec.parse({ name: spec.name, model: spec.model })
  const before = existing ? [usual, existing] : [usual]
  const isNews: IsNews = (pick) => before.some((one) => !isSame(pick(one), pick(spec)))
  // These have no option of their own: the line keeps whatever is there.
  if (isNews(({ serving, probation }) => [serving, probation])) return undefined
  if ([...before, spec].some(isFileOnly) || isTakenAway(existing, spec) || keepsGates(existing, isNews))
    return undefined
  if (existing && existing.model !== spec.model) return undefined
  const { strategy, selector } = spec
  const preset = presetOf({ waves: strategy.waves })
  const isPreset = preset !== undefined && isNews((one) => one.strategy.waves)
  const waves = isNews((one) => one.strategy.waves) ? wavesOptions(strategy.waves) : []
  if (waves === undefined) return undefined
  // A preset brings a whole strategy of its own, whatever was there before.
  const says = (key: 'onFailure' | 'offline' | 'lateJoiners') =>
    isPreset ? presetStrategy(preset)[key] !== strategy[key] : isNews((one) => one.strategy[key])
  const words = [
    'skerry',
    'deploy',
    referenceOf(spec, existing),
    ...(spec.name === spec.model ? [] : ['--name', spec.name]),
    ...(isNews((one) => one.selector) ? ['--to', selector] : []),
    ...waves,
    ...paceOptions(strategy, isNews),
    ...windowOptions(strategy, isNews),
    ...(says('onFailure') ? ['--on-failure', strategy.onFailure] : []),
    ...(says('offline') ? ['--offline', strategy.offline] : []),
    ...(says('lateJoiners') ? ['--late-joiners', strategy.lateJoiners] : []),
  ]
  return words.map(quote).join(' ')
}

/** Said in a file only: what a wave asks of people, and limits of one kind. */
const isFileOnly = ({ strategy: { waves } }: DeploymentSpec) =>
  waves.some(({ limits, approval, pauseAfter, mandatory }) => limits || approval || pauseAfter || mandatory)

/** No option takes away what is there. */
const isTakenAway = (existing: DeploymentSpec | undefined, { strategy }: DeploymentSpec) =>
  (['rate', 'budget', 'retry', 'shadow', 'switchOver'] as const).some(
    (key) => existing?.strategy[key] && !strategy[key],
  ) || isMadeWhole(existing?.strategy.waves, strategy.waves)

/** Limits alone make one wave of none; where there are waves, they would change those. */
const isMadeWhole = ([old, ...others]: readonly WaveSpec[] = [], [first, ...rest]: readonly WaveSpec[]) =>
  old !== undefined && first !== undefined && isWholeNamedAll(first, rest) && !isWholeNamedAll(old, others)

/** The line of other waves may keep those that are there, with their gates. */
const keepsGates = (existing: DeploymentSpec | undefined, isNews: IsNews) =>
  existing?.strategy.waves.some(({ analysis }) => analysis) && isNews((one) => one.strategy.waves)

type IsNews = (pick: (one: DeploymentSpec) => unknown) => boolean

function paceOptions(
  { rate, budget, retry, shadow, switchOver }: DeploymentSpec['strategy'],
  isNews: IsNews,
): string[] {
  return [
    ...(rate && isNews((one) => one.strategy.rate ?? null) ? ['--rate', rateText(rate)] : []),
    ...(budget && isNews((one) => one.strategy.budget ?? null) ? ['--budget', budgetText(budget)] : []),
    ...(retry && isNews((one) => one.strategy.retry ?? null) ? ['--retry', retryText(retry)] : []),
    ...(shadow && isNews((one) => one.strategy.shadow ?? null) ? ['--shadow', shadowText(shadow)] : []),
    ...(switchOver && isNews((one) => one.strategy.switchOver ?? null) ? ['--switch', switchText(switchOver)] : []),
  ]
}

/** An option takes away what is there by `none`. */
function windowOptions({ window, ignoreLocks }: DeploymentSpec['strategy'], isNews: IsNews): string[] {
  const text = (one: UpdateWindow | undefined) => (one ? windowText(one) : 'none')
  return [
    ...(isNews((one) => one.strategy.window?.download ?? null) ? ['--download-window', text(window?.download)] : []),
    ...(isNews((one) => one.strategy.window?.install ?? null) ? ['--install-window', text(window?.install)] : []),
    ...(isNews((one) => one.strategy.ignoreLocks ?? false) ? ['--locks', ignoreLocks ? 'ignore' : 'hold'] : []),
  ]
}

const isSame = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b)

/** A version that is not written stays as it is. */
function referenceOf({ model, version }: DeploymentSpec, existing: DeploymentSpec | undefined): string {
  if (version === 'latest') return existing === undefined || existing.version === version ? model : `${model}:latest`
  return version.startsWith('@') ? `${model}${version}` : `${model}:${version}`
}

/** The options that give these waves; undefined where there are none that do. */
function wavesOptions(waves: readonly WaveSpec[]): string[] | undefined {
  const preset = presetOf({ waves: [...waves] })
  if (preset !== undefined) return ['--preset', preset]
  const [first, ...rest] = waves
  if (!first) return undefined
  const common = commonOptions(waves)
  if (common === undefined) return undefined
  // `--canary` is the only option that names a wave.
  const isCanary = first.name === 'canary' && first.limit !== undefined && first.selector === undefined
  if (!isCanary && first.name !== undefined)
    return isWholeNamedAll(first, rest) && common.length > 0 ? common : undefined
  if (rest.some(({ name }) => name !== undefined)) return undefined
  const shapes = (isCanary ? rest : waves).map(waveText)
  if (shapes.includes(undefined)) return undefined
  const given = shapes.flatMap((shape) => ['--wave', shape ?? ''])
  return [...(isCanary ? ['--canary', String(first.limit)] : []), ...given, ...common]
}

/** What the CLI makes of limits without waves. */
const isWholeNamedAll = ({ name, limit, selector }: WaveSpec, rest: readonly WaveSpec[]) =>
  name === 'all' && limit === undefined && selector === undefined && rest.length === 0

function waveText({ limit, selector }: WaveSpec): string | undefined {
  if (selector === undefined) return limit === undefined ? undefined : String(limit)
  // A selector that begins as an amount does would be read as one.
  if (limit === undefined) return /^\d/.test(selector) ? undefined : selector
  return `${limit} of ${selector}`
}

/** Options that count for all waves; undefined where the waves differ in them. */
function commonOptions(waves: readonly WaveSpec[]): string[] | undefined {
  const [first] = waves
  if (!first) return []
  const { soakSeconds, failuresMax, minExecuted, deadlineSeconds, analysis = [] } = first
  const isCommon = waves.every((wave) =>
    isSame(
      [wave.soakSeconds, wave.failuresMax, wave.minExecuted, wave.deadlineSeconds, wave.analysis ?? []],
      [soakSeconds, failuresMax, minExecuted, deadlineSeconds, analysis],
    ),
  )
  const gates = analysis.map(analysisText)
  if (!isCommon || gates.includes(undefined)) return undefined
  return [
    ...(soakSeconds === 0 ? [] : ['--soak', durationText(soakSeconds)]),
    ...(failuresMax === 0 ? [] : ['--failures-max', String(failuresMax)]),
    ...(minExecuted === 1 ? [] : ['--min-executed', String(minExecuted)]),
    ...(deadlineSeconds === 86_400 ? [] : ['--deadline', durationText(deadlineSeconds)]),
    ...gates.flatMap((gate) => ['--gate', gate ?? '']),
  ]
}

/** [POSIX 2.2.2] Inside single quotes every character stands for itself. */
const quote = (word: string): string => (/^[\w@%:=./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
