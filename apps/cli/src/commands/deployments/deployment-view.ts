/** Deployment view: intent, plan and explanation for people. */
import type { Deployment, DeploymentPlan, WaveSpec } from '@skerry/contract/deployments/deployment'
import type { Explanation } from '@skerry/contract/deployments/explanation'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { analysisText } from '@skerry/core/analysis/analysis-text'
import { bestCommand, buildName } from '@skerry/core/builds/build-words'
import { formsWords } from '@skerry/core/builds/form-counts'
import { preferenceOf } from '@skerry/core/builds/preference'
import { rejectedVersion, wantedName } from '@skerry/core/rollouts/views/rejected-version'
import { runningWords, wantedWords } from '@skerry/core/rollouts/views/version-words'
import { stringify } from 'yaml'
import type { Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, durationText, instantText, sizeText } from '../../program/terminal/words.ts'
import { rolloutText } from '../rollouts/rollout-view.ts'

/** More names than a person reads of one wave. */
const NAMES_SHOWN = 8

/** A hub up to 0.1.0 knows only this about the versions on the devices. */
export const healthyText = ({ devices }: Deployment): string => `${devices.healthy} of ${devices.total} healthy`

/** A deployment, its full spec, and the state of its rollout. */
export function deploymentText(
  deployment: Deployment,
  rollout: Rollout,
  session: Pick<Session, 'style' | 'io'>,
): string {
  const { name: _name, ...spec } = deployment.spec
  const rejected = rejectedVersion(deployment)
  const facts = factsOf(session.style, [
    ['name', deployment.name],
    ['id', deployment.id],
    ['model', wantedName(deployment)],
    ['wanted', wantedWords(deployment)],
    ['running', runningWords(deployment) ?? healthyText(deployment)],
    ['rejected', rejected?.note],
    ['next', rejected?.next],
    ['builds', formsWords(deployment.forms)],
    ...outdatedFacts(deployment),
    ['revision', `${deployment.revision}, stable is ${deployment.stableRevision ?? 'none yet'}`],
    [
      'conflicts',
      deployment.conflicts === 0 ? undefined : `${countText(deployment.conflicts, 'device')} run another deployment's`,
    ],
    ['created', instantText(deployment.createdAtMs)],
    ['changed', instantText(deployment.changedAtMs)],
  ])
  return [facts, stringify({ spec }).trimEnd(), rolloutText(rollout, session)].join('\n\n')
}

/** Below a list, the specs that still name a rejected version, and the next step; empty if there are none. */
export function rejectedBelow(deployments: readonly Deployment[], style: Style): string {
  const rows = deployments.flatMap((deployment) => {
    const rejected = rejectedVersion(deployment)
    return rejected ? [[deployment.name, rejected.note, rejected.next]] : []
  })
  return rows.length === 0 ? '' : `\n\n${tableOf(style, ['REJECTED', 'WHY', 'NEXT'], rows, '')}`
}

/** The choices of the revision, and the command that applies newer ones. */
function outdatedFacts({ name, spec, version, choices, isOutdated }: Deployment): [string, string | undefined][] {
  const fixed = choices?.map(({ hardwareClass, build }) => `${build} on ${hardwareClass}`)
  return [
    ['fixed builds', fixed && (fixed.length === 0 ? 'none: no build was the best on any class' : fixed.join(', '))],
    [
      'outdated',
      isOutdated
        ? `newer measurements choose other builds; run ${bestCommand(name, spec.deployable, version, preferenceOf(spec.build))}`
        : undefined,
    ],
  ]
}

/** The effect of applying it. `strategy` has the waves of the spec, with their gates; without it, no gates are listed. */
export function planText(plan: DeploymentPlan, style: Style, strategy?: readonly WaveSpec[]): string {
  const total = plan.waves.reduce((sum, { count }) => sum + count, 0)
  const heading = {
    none: 'nothing would change',
    create: `a new deployment, to ${countText(total, 'device')}`,
    update: `a new revision, to ${countText(total, 'device')}`,
  }[plan.change]
  const { version, versionNow = version, bytes, bytesPerDevice, minSeconds } = plan
  const facts = factsOf(style, [
    ['version', versionNow === version ? version : `${versionNow} → ${version}`],
    ['to move', `${sizeText(bytes)} in total, ${sizeText(bytesPerDevice)} for a device that has no part of it`],
    ['takes', minSeconds === 0 ? undefined : `${durationText(minSeconds * 1_000)} at least`],
  ])
  const waves = tableOf(
    style,
    ['WAVE', 'DEVICES', 'TO MOVE', 'AT LEAST', 'WHICH'],
    plan.waves.map((wave) => [
      wave.name,
      wave.count,
      sizeText(wave.bytes),
      durationText(wave.minSeconds * 1_000),
      namesText(wave.devices, wave.count),
    ]),
    'no device is picked',
  )
  return [
    heading,
    facts,
    waves,
    ...(strategy ? [gatesText(strategy, style)] : []),
    ...formsText(plan, style),
    ...leavesText(plan, style),
    ...heldUpTexts(plan, style),
    refusedText(plan, style),
  ].join('\n\n')
}

/** A line for each gate, as `--gate` takes it. A gate that no line can hold has its name. */
function gatesText(waves: readonly WaveSpec[], style: Style): string {
  const rows = waves.flatMap(({ name, analysis = [] }) =>
    analysis.map((gate) => [name, analysisText(gate) ?? `${gate.name}, as written in the manifest`]),
  )
  return tableOf(style, ['WAVE', 'GATE'], rows, 'no gates')
}

/** The form of the version that each device gets; empty unless the spec asks for the best build. */
function formsText({ forms, version }: DeploymentPlan, style: Style): string[] {
  if (!forms) return []
  const rows = forms.map(({ build, recipe = '', hardwareClass, sizeBytes, count, devices }) => [
    build === undefined ? `version ${version} itself` : buildName({ build, recipe }),
    hardwareClass ?? 'unknown',
    count,
    sizeText(sizeBytes),
    namesText(devices, count),
  ])
  return [tableOf(style, ['GETS', 'CLASS', 'DEVICES', 'SIZE', 'WHICH'], rows, '')]
}

/** Devices that lose the model; empty if there are none. */
function leavesText({ leaves: { count, devices } }: DeploymentPlan, style: Style): string[] {
  if (count === 0) return []
  const rows = devices.map(({ name, site }) => [name, site])
  const omitted = count - devices.length
  const more = omitted > 0 ? [[`and ${omitted} more`]] : []
  const table = tableOf(style, ['LEAVES', 'SITE'], [...rows, ...more], '')
  const are = count === 1 ? 'loses' : 'lose'
  return [
    `${table}\n${countText(count, 'device')} ${are} the model, once all waves are healthy; applying asks, or takes --yes`,
  ]
}

/** The reasons that may delay selected devices. It is empty if there are none. */
function heldUpTexts({ cautions, stuckGroups, stuckGroupCount }: DeploymentPlan, style: Style): string[] {
  const rows = cautions.map(({ message, count, devices }) => [count, message, namesText(devices, count)])
  const groups = stuckGroups.slice(0, NAMES_SHOWN).map(({ group, devices }) => `${group || 'all'} (${devices})`)
  const more = stuckGroupCount - groups.length
  return [
    ...(rows.length > 0 ? [tableOf(style, ['PICKED, BUT', 'WHAT', 'WHICH'], rows, '')] : []),
    ...(groups.length > 0
      ? [`the budget permits no offer to these groups: ${groups.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]
      : []),
  ]
}

function refusedText({ refused, refusedCount, refusals }: DeploymentPlan, style: Style): string {
  const omitted = refusedCount - refused.length
  const table = tableOf(
    style,
    ['EXCLUDED', 'SITE', 'WHY'],
    [
      ...refused.map(({ name, site, code, message }) => [name, site, `${code}: ${message}`]),
      ...(omitted > 0 ? [[`and ${omitted} more`]] : []),
    ],
    'no device is excluded',
  )
  return refusals.length < 2 ? table : `${table}\n${refusals.map(({ code, count }) => `${count} ${code}`).join(', ')}`
}

/** The reason why a device runs a deployment, or does not. */
export function explanationText({ summary, checks, ...explanation }: Explanation, style: Style): string {
  const lines = checks.map(
    ({ check, passed, detail }) => `${passed ? style.green('yes') : style.red('no ')} ${check}: ${detail}`,
  )
  const facts = factsOf(style, [
    ['wave', explanation.wave === undefined ? undefined : explanation.wave + 1],
    ['offered version', explanation.offeredVersion],
    [isConnected(checks) ? 'serving version' : 'last reported', explanation.servingVersion],
    ...(explanation.next ?? []).map((line): [string, string] => ['next', line]),
  ])
  const form = explanation.form === undefined ? [] : [explanation.form]
  return [style.bold(summary), ...form, partsTable(explanation, style), ...lines, facts]
    .filter((line) => line !== '')
    .join('\n')
}

/** The parts of a system, in the order in which the device installs them. */
function partsTable({ parts = [] }: Pick<Explanation, 'parts'>, style: Style): string {
  if (parts.length === 0) return ''
  const rows = parts.map(({ name, kind, version, before, state, failure }) => [
    `${name}:${version}`,
    kind,
    before === undefined ? '-' : String(before),
    state,
    failure ? `${failure.message} (${failure.code})` : '',
  ])
  return tableOf(style, ['PART', 'KIND', 'BEFORE', 'STATE', 'FAILURE'], rows, '')
}

/** A hub up to 0.1.0 has no such check. */
const isConnected = (checks: Explanation['checks']) =>
  checks.every(({ check, passed }) => check !== 'connection' || passed)

function namesText(devices: DeploymentPlan['waves'][number]['devices'], count: number): string {
  const shown = devices.slice(0, NAMES_SHOWN).map(({ name, site }) => `${name} (${site})`)
  const more = count - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
