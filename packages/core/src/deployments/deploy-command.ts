/**
 * Deploy command: the `skerry deploy` line that makes exactly this deployment, if such a line exists.
 * `skerry deploy` keeps the settings of an existing deployment that the line does not name. So the line names every
 * setting that differs from the default or from the existing deployment. It then means the same on a hub with the
 * deployment and on one without. One line can set one soak, limit and deadline for all waves. A strategy that needs
 * more is a preset, or a file.
 */
import { DeploymentSpec, type WaveSpec } from '@skerry/contract/deployments/deployment'
import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import { analysisText } from '../analysis/analysis-text.ts'
import { policyText } from '../places/policy-text.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import { durationText } from '../values/duration.ts'
import { budgetText, rateText, retryText } from './pace-text.ts'
import { shadowText, switchText } from './stage-text.ts'
import { presetOf, presetStrategy } from './strategy-presets.ts'
import { windowText } from './window-text.ts'

/**
 * The line; undefined if only "skerry apply -f" can express it. `existing` is the deployment that the hub now has under
 * the name.
 */
export function deployCommand(spec: DeploymentSpec, existing?: DeploymentSpec): string | undefined {
  const usual = DeploymentSpec.parse({ name: spec.name, deployable: spec.deployable })
  const before = existing ? [usual, existing] : [usual]
  const isNews: IsNews = (pick) => before.some((one) => !isSame(pick(one), pick(spec)))
  // These have no option of their own: the line keeps their present values.
  if (isNews(({ serving, probation }) => [serving, probation])) return undefined
  if ([...before, spec].some(isFileOnly) || isTakenAway(existing, spec) || keepsGates(existing, isNews))
    return undefined
  if (existing && existing.deployable !== spec.deployable) return undefined
  const { strategy } = spec
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
    ...(spec.name === spec.deployable ? [] : ['--name', spec.name]),
    ...placeOptions(spec, isNews),
    ...waves,
    ...paceOptions(strategy, isNews),
    ...windowOptions(strategy, isNews),
    ...settingOptions(spec, before),
    ...placedOptions(spec, before),
    ...(says('onFailure') ? ['--on-failure', strategy.onFailure] : []),
    ...(says('offline') ? ['--offline', strategy.offline] : []),
    ...(says('lateJoiners') ? ['--late-joiners', strategy.lateJoiners] : []),
  ]
  return words.map(quote).join(' ')
}

/** Only a file can set these: the demands of a wave on people, and limits of one kind. */
const isFileOnly = ({ strategy: { waves } }: DeploymentSpec) =>
  waves.some(({ limits, approval, pauseAfter, mandatory }) => limits || approval || pauseAfter || mandatory)

/** No option can remove these settings of an existing deployment. */
const isTakenAway = (existing: DeploymentSpec | undefined, { strategy }: DeploymentSpec) =>
  (['rate', 'budget', 'retry', 'shadow', 'switchOver'] as const).some(
    (key) => existing?.strategy[key] && !strategy[key],
  ) || isMadeWhole(existing?.strategy.waves, strategy.waves)

/** Limits alone turn no waves into one wave; if there are waves, limits would change those. */
const isMadeWhole = ([old, ...others]: readonly WaveSpec[] = [], [first, ...rest]: readonly WaveSpec[]) =>
  old !== undefined && first !== undefined && isWholeNamedAll(first, rest) && !isWholeNamedAll(old, others)

/** If the line changes the waves, it may keep the existing ones with their gates. */
const keepsGates = (existing: DeploymentSpec | undefined, isNews: IsNews) =>
  existing?.strategy.waves.some(({ analysis }) => analysis) && isNews((one) => one.strategy.waves)

type IsNews = (pick: (one: DeploymentSpec) => unknown) => boolean

/** The build, and the devices. */
const placeOptions = ({ build, selector, placement }: DeploymentSpec, isNews: IsNews): string[] => [
  ...(isNews((one) => one.build ?? null) ? ['--build', build ?? 'none'] : []),
  ...(isNews((one) => one.selector) ? ['--to', selector] : []),
  ...(isNews((one) => one.placement ?? null) ? ['--place', placement ? policyText(placement) : 'none'] : []),
]

/** Settings of an app: those that differ, and those that get their default again. */
function settingOptions({ config = {} }: DeploymentSpec, before: readonly DeploymentSpec[]): string[] {
  const isNews = (name: string) => before.some((one) => one.config?.[name] !== config[name])
  const gone = before.flatMap((one) => Object.keys(one.config ?? {})).filter((name) => config[name] === undefined)
  return [
    ...Object.keys(config).flatMap((name) => (isNews(name) ? ['--set', `${name}=${config[name]}`] : [])),
    ...gone.flatMap((name) => ['--unset', name]),
  ]
}

/** Settings of places, in the same way. */
function placedOptions({ configAt = [] }: DeploymentSpec, before: readonly DeploymentSpec[]): string[] {
  const wordsOf = (all: DeploymentSpec['configAt'] = []) =>
    all.flatMap(({ place, config }) => Object.entries(config).map(([name, value]) => [`${place}/${name}`, `${value}`]))
  const now = new Map(wordsOf(configAt) as [string, string][])
  const earlier = before.map((one) => new Map(wordsOf(one.configAt) as [string, string][]))
  const gone = new Set(earlier.flatMap((one) => [...one.keys()]).filter((word) => !now.has(word)))
  return [
    ...[...now].flatMap(([word, value]) =>
      earlier.some((one) => one.get(word) !== value) ? ['--set-at', `${word}=${value}`] : [],
    ),
    ...[...gone].flatMap((word) => ['--unset-at', word]),
  ]
}

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

/** The value `none` of an option removes a window. */
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
function referenceOf({ deployable, version }: DeploymentSpec, existing: DeploymentSpec | undefined): string {
  if (version === 'latest')
    return existing === undefined || existing.version === version ? deployable : `${deployable}:latest`
  return version.startsWith('@') ? `${deployable}${version}` : `${deployable}:${version}`
}

/** The options that give these waves; undefined if there are none that do. */
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

/** The wave that the CLI makes of limits without waves. */
const isWholeNamedAll = ({ name, limit, selector }: WaveSpec, rest: readonly WaveSpec[]) =>
  name === 'all' && limit === undefined && selector === undefined && rest.length === 0

function waveText({ limit, selector }: WaveSpec): string | undefined {
  if (selector === undefined) return limit === undefined ? undefined : String(limit)
  // A selector that begins as an amount does would be read as one.
  if (limit === undefined) return /^\d/.test(selector) ? undefined : selector
  return `${limit} of ${selector}`
}

/** Options that count for all waves; undefined if the waves differ in them. */
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
