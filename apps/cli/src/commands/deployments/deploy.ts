import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import { BuildReference } from '@skerry/contract/builds/build'
import type { Amount } from '@skerry/contract/deployments/amount'
import type { Analysis } from '@skerry/contract/deployments/analysis'
import { type DeploymentPlan, DeploymentSpec, Strategy, WaveSpec } from '@skerry/contract/deployments/deployment'
import type { Budget, Rate, Retry } from '@skerry/contract/deployments/pace'
import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import type { ShadowSpec, SwitchOver } from '@skerry/contract/models/serving'
import type { Placement } from '@skerry/contract/places/placement'
import { Name, SelectorText } from '@skerry/contract/values/names'
import { consentWords, movedText, refusedText } from '@skerry/core/deployments/deploy-consent'
import { PRESET_NAMES, type PresetName, presetStrategy } from '@skerry/core/deployments/strategy-presets'
import { PLACEMENT_PRESETS, parsePolicy } from '@skerry/core/places/policy-text'
import { command, fits, fitsNumber, flag, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { YES } from '../../program/options.ts'
import type { Session } from '../../program/session.ts'
import {
  parseAmount,
  parseBudget,
  parseDuration,
  parseGate,
  parseModelReference,
  parseRate,
  parseRetry,
  parseShadow,
  parseSomeAmount,
  parseSwitch,
  parseWave,
  parseWindow,
  type WaveShape,
} from '../../program/values.ts'
import { rolloutLine } from '../rollouts/rollout-view.ts'
import { watchRollout } from '../rollouts/rollout-watch.ts'
import { settingOptions, withSettings } from './deploy-settings.ts'
import { planText } from './deployment-view.ts'
import { onDevicesWithSources } from './flow-devices.ts'

const { onFailure, offline, lateJoiners } = Strategy.shape
const { minExecuted } = WaveSpec.shape

export const deployModel = command({
  name: 'deploy',
  summary: 'Deploy a version of a model: create a deployment, or change its version',
  details:
    'An existing deployment keeps everything that you do not give, including its version, so "skerry deploy anomaly:2" only changes the version. ' +
    'Waves open in the given order; devices that no wave picks come last. If devices lose the model because the selector ' +
    'no longer picks them, the command lists them and asks for confirmation; they keep it until all waves are healthy. "skerry apply" has all other settings. ' +
    'With --watch, --json prints a line for each event.',
  examples: [
    'skerry deploy anomaly:2 --canary 10% --soak 5m --watch',
    `skerry deploy anomaly@champion --to 'site.country == "NL"' --dry-run`,
    'skerry deploy anomaly:2 --preset staged',
    'skerry deploy reader:1 --build static-int8-percentile --canary 1 --watch',
    'skerry deploy reader:1 --build best --dry-run',
    'skerry deploy reader:1 --build smallest --dry-run',
    `skerry deploy anomaly:2 --canary 10% --gate 'latency p99_ratio < 1.5 every 1m x5' --on-failure rollback-all`,
    'skerry deploy anomaly --gate none --dry-run',
    'skerry deploy anomaly --place "hybrid replicas=3 data=confidential in=EU" --dry-run',
    `skerry deploy anomaly --wave '1 of device.labels.line == "4"' --wave 25% --failures-max 1`,
  ],
  arguments: {
    reference: required(
      '<model>',
      'NAME, NAME:VERSION or NAME@alias; by default the version that the deployment has, or the latest',
      parseModelReference,
    ),
  },
  options: {
    name: value('--name <name>', 'name of the deployment; that of the model by default', fits(Name)),
    selector: value(
      '--to <selector>',
      'CEL over device and site that picks the devices; by default all, or for a flow those that have its sources',
      fits(SelectorText),
    ),
    placement: value(
      '--place <policy>',
      `the policy that chooses among these devices: ${PLACEMENT_PRESETS.join(', ')}, or settings such as "replicas=2 data=confidential in=EU spread=site"; none: all of them`,
      parsePlacement,
    ),
    build: value(
      '--build <build>',
      'the build of the version that devices get, by its recipe or its id; best, smallest, least-memory or most-accurate: the best one by this goal for the class of each device; none: the version itself',
      parseBuild,
    ),
    preset: value('--preset <name>', `a complete strategy: ${PRESET_NAMES.join(', ')}`, parsePreset),
    canary: value(
      '--canary <amount>',
      'a first wave of this many devices, such as 10% or 1; at least one',
      parseSomeAmount,
    ),
    waves: list('--wave <wave>', 'a wave: AMOUNT, SELECTOR, or "AMOUNT of SELECTOR"', parseWave),
    soakSeconds: value(
      '--soak <time>',
      'how long a wave stays healthy before the next one opens; 0s by default',
      parseDuration,
    ),
    failuresMax: value('--failures-max <amount>', 'failures that a wave tolerates; 0 by default', parseAmount),
    minExecuted: value(
      '--min-executed <count>',
      'devices that must be decided before a share of failures counts; 1 by default',
      fitsNumber(minExecuted.unwrap()),
    ),
    gates: list(
      '--gate <gate>',
      'a measurement that each wave must pass, such as "error-rate < 0.01 every 1m x5"; none removes the gates',
      parseGate,
    ),
    deadlineSeconds: value(
      '--deadline <time>',
      'how long a device may report no result before it times out; 1d by default',
      parseDuration,
    ),
    rate: value('--rate <rate>', 'devices per minute, such as 100, or "10 x2 per 50 proved"', parseRate),
    budget: value(
      '--budget <budget>',
      'devices that may have it unproved at once, such as "20% per site.name"',
      parseBudget,
    ),
    retry: value('--retry <tries>', 'retries of a device that fails, such as "2 after 5m"', parseRetry),
    shadow: value(
      '--shadow <proof>',
      'comparisons with the serving version before it serves, such as "100 for 10m of 25% within 1%"',
      parseShadow,
    ),
    switchOver: value(
      '--switch <how>',
      'first make it ready everywhere, then switch all devices: approved, or at once; "approved keep 1h" keeps the old version loaded',
      parseSwitch,
    ),
    download: value(
      '--download-window <window>',
      'when devices may fetch it: cron, time zone and length, such as "0 22 * * *, Europe/Berlin, 4h"; or none',
      parseWindow,
    ),
    install: value('--install-window <window>', 'when devices may begin to serve it, in the same form', parseWindow),
    locks: value(
      '--locks <what>',
      'hold: wait for update locks on a device (default); ignore: install anyway',
      parseLocks,
    ),
    onFailure: value(
      '--on-failure <what>',
      `${onFailure.unwrap().options.join(', ')}; pause by default`,
      fits(onFailure.unwrap()),
    ),
    offline: value(
      '--offline <what>',
      'wait for devices that are offline (default), or skip them',
      fits(offline.unwrap()),
    ),
    lateJoiners: value(
      '--late-joiners <where>',
      'devices that match later join: the wave that fits them (wave), the last one (last, by default), or wait until the end (hold)',
      fits(lateJoiners.unwrap()),
    ),
    ...settingOptions,
    isDryRun: flag('--dry-run', 'show the effects, and change nothing'),
    isPlan: flag('--plan', 'the earlier name of --dry-run'),
    yes: YES,
    isWatched: flag('--watch', 'watch the rollout until it ends or pauses'),
  },
  async run(input, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const name = input.name ?? input.reference.name
    const existing = await findSpec(client, name, signal)
    const wanted = await withSettings(client, specOf(name, input, existing?.spec), input, signal)
    const isChosen = input.selector !== undefined || existing !== undefined
    const spec = await onDevicesWithSources(client, { spec: wanted, isChosen }, session)
    if (input.isDryRun || input.isPlan) {
      const plan = await client.deployment.plan(spec, { signal })
      session.print({ json: plan, text: () => planText(plan, style, spec.strategy.waves) })
      return
    }
    const plan = existing && (await client.deployment.plan(spec, { signal }))
    if (plan) await confirmChange(plan, { spec, input, session })
    const reply = await client.deployment.apply(
      { ...spec, ifRevision: existing?.revision ?? 0, acknowledgedLeaves: plan?.leaves.digest },
      { signal },
    )
    const { deployment, change } = reply
    const moved = plan && movedText(plan)
    const target = `${deployment.name} to ${deployment.spec.deployable}:${deployment.version}${moved ? ` (${moved})` : ''}`
    session.note(
      change === 'unchanged' ? `${target}: nothing changed` : `${change} ${target}, revision ${deployment.revision}`,
    )
    if (input.isWatched) return watchRollout({ client, rollout: deployment.rolloutId, throughPauses: false }, session)
    const rollout = await client.rollout.get({ rollout: deployment.rolloutId }, { signal })
    session.print({ json: { ...reply, rollout }, text: () => rolloutLine(rollout) })
  },
})

type Changing = { spec: DeploymentSpec; input: { yes: boolean; reference: Wanted['reference'] }; session: Session }

/** A selector that picks no device is more often a mistake than a wish. */
const selectorHint = ({ waves }: DeploymentPlan, { selector }: DeploymentSpec): string | undefined =>
  waves.some(({ count }) => count > 0) ? undefined : `check the selector with "skerry selector test '${selector}'"`

/** A person must see it first if a device loses a model, or if a new version comes. */
async function confirmChange(plan: DeploymentPlan, { spec, input, session }: Changing): Promise<void> {
  const refused = refusedText(plan)
  if (refused !== undefined) session.note(session.style.yellow(refused))
  const words = consentWords(plan, { spec, isVersionWritten: input.reference.version !== undefined })
  if (words !== undefined) await session.confirm(words, input.yes, selectorHint(plan, spec))
}

type Wanted = {
  reference: { name: Name; version: string | undefined }
  selector: string | undefined
  build: BuildReference | 'none' | undefined
  placement: Placement | 'none' | undefined
  canary: Amount | undefined
  preset: PresetName | undefined
  waves: readonly WaveShape[]
  soakSeconds: number | undefined
  failuresMax: Amount | undefined
  minExecuted: number | undefined
  deadlineSeconds: number | undefined
  gates: readonly (Analysis | 'none')[]
  rate: Rate | undefined
  budget: Budget | undefined
  retry: Retry | undefined
  shadow: ShadowSpec | undefined
  switchOver: SwitchOver | undefined
  download: UpdateWindow | 'none' | undefined
  install: UpdateWindow | 'none' | undefined
  locks: 'hold' | 'ignore' | undefined
  onFailure: Strategy['onFailure'] | undefined
  offline: Strategy['offline'] | undefined
  lateJoiners: Strategy['lateJoiners'] | undefined
}

async function findSpec(client: SkerryClient, deployment: Name, signal: AbortSignal) {
  try {
    return await client.deployment.get({ deployment }, { signal })
  } catch (error) {
    if (problemOf(error).code === 'deployment_unknown') return undefined
    throw error
  }
}

function specOf(name: Name, wanted: Wanted, existing: DeploymentSpec | undefined): DeploymentSpec {
  const { name: deployable, version } = wanted.reference
  if (existing && existing.deployable !== deployable) {
    throw wrongUsage(`the deployment ${name} deploys ${existing.deployable}`, 'give the new one a name with --name')
  }
  const { build: earlier, placement: placed, ...base } = existing ?? DeploymentSpec.parse({ name, deployable })
  const placement = wanted.placement ?? placed ?? 'none'
  const build = wanted.build ?? earlier ?? 'none'
  return {
    ...base,
    ...(build !== 'none' && { build }),
    ...(placement !== 'none' && { placement }),
    version: version ?? base.version,
    selector: wanted.selector ?? base.selector,
    strategy: strategyOf(wanted, wanted.preset === undefined ? base.strategy : presetStrategy(wanted.preset)),
  }
}

function strategyOf(wanted: Wanted, base: Strategy): Strategy {
  if (wanted.preset !== undefined && (wanted.canary !== undefined || wanted.waves.length > 0)) {
    throw wrongUsage('a preset has waves of its own', 'give either --preset, or --canary and --wave')
  }
  const { window: _, ignoreLocks: __, ...others } = base
  return {
    ...others,
    ...updatesOf(wanted, base),
    ...(wanted.rate && { rate: wanted.rate }),
    ...(wanted.budget && { budget: wanted.budget }),
    ...(wanted.retry && { retry: wanted.retry }),
    ...(wanted.shadow && { shadow: wanted.shadow }),
    ...(wanted.switchOver && { switchOver: wanted.switchOver }),
    waves: wavesOf(wanted, base.waves),
    onFailure: wanted.onFailure ?? base.onFailure,
    offline: wanted.offline ?? base.offline,
    lateJoiners: wanted.lateJoiners ?? base.lateJoiners,
  }
}

/** Options that are not given keep their earlier values; `none` removes them. */
function updatesOf(wanted: Wanted, base: Strategy): Pick<Strategy, 'window' | 'ignoreLocks'> {
  const download = wanted.download ?? base.window?.download ?? 'none'
  const install = wanted.install ?? base.window?.install ?? 'none'
  const window = { ...(download !== 'none' && { download }), ...(install !== 'none' && { install }) }
  const ignoreLocks = wanted.locks === undefined ? base.ignoreLocks : wanted.locks === 'ignore'
  return { ...(Object.keys(window).length > 0 && { window }), ...(ignoreLocks && { ignoreLocks }) }
}

function parseBuild(text: string): BuildReference | 'none' {
  return text === 'none' ? text : fits(BuildReference)(text)
}

function parsePlacement(text: string): Placement | 'none' {
  if (text === 'none') return text
  const read = parsePolicy(text)
  if (!read.ok) throw new Error(read.message)
  return read.policy
}

function parseLocks(text: string): 'hold' | 'ignore' {
  if (text !== 'hold' && text !== 'ignore') throw new Error('must be hold or ignore')
  return text
}

function parsePreset(text: string): PresetName {
  const name = PRESET_NAMES.find((preset) => preset === text)
  if (name === undefined) throw new Error(`must be one of ${PRESET_NAMES.join(', ')}`)
  return name
}

/** The given waves, or the earlier ones if none are given, with the options that apply to all of them. */
function wavesOf(wanted: Wanted, before: readonly WaveSpec[]): WaveSpec[] {
  const { canary, waves, soakSeconds, failuresMax, minExecuted: executed, deadlineSeconds, gates } = wanted
  const analysis = gates.filter((gate) => gate !== 'none')
  const withoutGates = analysis.length < gates.length
  if (withoutGates && analysis.length > 0)
    throw wrongUsage('none removes all gates', 'give either --gate none, or gates')
  const given = [...(canary === undefined ? [] : [{ name: 'canary', limit: canary }]), ...waves]
  const usual = { soakSeconds: 0, failuresMax: 0, minExecuted: 1, deadlineSeconds: 86_400 }
  const forAll = {
    ...(soakSeconds !== undefined && { soakSeconds }),
    ...(failuresMax !== undefined && { failuresMax }),
    ...(executed !== undefined && { minExecuted: executed }),
    ...(deadlineSeconds !== undefined && { deadlineSeconds }),
    ...(analysis.length > 0 && { analysis }),
  }
  const chosen: readonly WaveSpec[] = given.length > 0 ? given.map((wave) => ({ ...usual, ...wave })) : before
  if (chosen.length === 0 && Object.keys(forAll).length > 0) return [{ ...usual, name: 'all', ...forAll }]
  return chosen.map(({ analysis: earlier, ...wave }) => ({
    ...wave,
    ...(earlier && !withoutGates && { analysis: earlier }),
    ...forAll,
  }))
}
