/** `skerry deploy` */

import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import { type Amount, DeploymentSpec, Strategy, type WaveSpec } from '@skerry/contract/deployment'
import { Name, SelectorText } from '@skerry/contract/names'
import { command, fits, flag, list, required, value } from '../command.ts'
import { planText } from '../deployment-view.ts'
import { wrongUsage } from '../failure.ts'
import { rolloutLine } from '../rollout-view.ts'
import { watchRollout } from '../rollout-watch.ts'
import { parseAmount, parseDuration, parseModelReference, parseWave, type WaveShape } from '../values.ts'

const { onFailure, offline } = Strategy.shape

export const deployModel = command({
  name: 'deploy',
  summary: 'Deploy a version of a model: make a deployment, or change what one deploys',
  details:
    'A deployment that exists keeps all that is not said anew, so "skerry deploy anomaly:2" only changes the version. Waves are opened ' +
    'in the order they are given; devices that no wave picks come last. "skerry apply" can say everything else. With --watch, --json ' +
    'prints a line for each event.',
  examples: [
    'skerry deploy anomaly:2 --canary 10% --soak 5m --watch',
    `skerry deploy anomaly@champion --to 'site.country == "NL"' --plan`,
    `skerry deploy anomaly --wave '1 of device.labels.line == "4"' --wave 25% --failures-max 1`,
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    name: value('--name <name>', 'name of the deployment; that of the model by default', fits(Name)),
    selector: value(
      '--to <selector>',
      'CEL over device and site that picks the devices; all by default',
      fits(SelectorText),
    ),
    canary: value('--canary <amount>', 'a first wave of so many devices, such as 10% or 1', parseAmount),
    waves: list('--wave <wave>', 'a wave: AMOUNT, SELECTOR, or "AMOUNT of SELECTOR"', parseWave),
    soakSeconds: value('--soak <time>', 'how long a wave stays healthy before the next one opens', parseDuration),
    failuresMax: value('--failures-max <amount>', 'failures that a wave bears', parseAmount),
    deadlineSeconds: value('--deadline <time>', 'when a device that says nothing has timed out', parseDuration),
    onFailure: value('--on-failure <what>', onFailure.unwrap().options.join(', '), fits(onFailure.unwrap())),
    offline: value('--offline <what>', 'wait for devices that are offline, or skip them', fits(offline.unwrap())),
    isPlan: flag('--plan', 'show what would happen, and do nothing'),
    isWatched: flag('--watch', 'watch the rollout until it ends, or pauses'),
  },
  async run(input, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const name = input.name ?? input.reference.model
    const existing = await findSpec(client, name, signal)
    const spec = specOf(name, input, existing?.spec)
    if (input.isPlan) {
      const plan = await client.deployment.plan(spec, { signal })
      session.print({ json: plan, text: () => planText(plan, style) })
      return
    }
    const reply = await client.deployment.apply({ ...spec, ifRevision: existing?.revision ?? 0 }, { signal })
    const { deployment, change } = reply
    const target = `${deployment.name} to ${deployment.spec.model}:${deployment.version}`
    session.note(
      change === 'unchanged' ? `${target}: nothing changed` : `${change} ${target}, revision ${deployment.revision}`,
    )
    if (input.isWatched) return watchRollout({ client, rollout: deployment.rolloutId, throughPauses: false }, session)
    const rollout = await client.rollout.get({ rollout: deployment.rolloutId }, { signal })
    session.print({ json: { ...reply, rollout }, text: () => rolloutLine(rollout) })
  },
})

type Wanted = {
  reference: { model: Name; version: string | undefined }
  selector: string | undefined
  canary: Amount | undefined
  waves: readonly WaveShape[]
  soakSeconds: number | undefined
  failuresMax: Amount | undefined
  deadlineSeconds: number | undefined
  onFailure: Strategy['onFailure'] | undefined
  offline: Strategy['offline'] | undefined
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
  const { model, version = 'latest' } = wanted.reference
  if (existing && existing.model !== model) {
    throw wrongUsage(
      `the deployment ${name} deploys the model ${existing.model}`,
      'give the new one a name with --name',
    )
  }
  const base = existing ?? DeploymentSpec.parse({ name, model })
  return {
    ...base,
    version,
    selector: wanted.selector ?? base.selector,
    strategy: {
      ...base.strategy,
      waves: wavesOf(wanted, base.strategy.waves),
      onFailure: wanted.onFailure ?? base.strategy.onFailure,
      offline: wanted.offline ?? base.strategy.offline,
    },
  }
}

/** The waves as given; those of before where none are, with what is said for all of them. */
function wavesOf(wanted: Wanted, before: readonly WaveSpec[]): WaveSpec[] {
  const { canary, waves, soakSeconds, failuresMax, deadlineSeconds } = wanted
  const given = [...(canary === undefined ? [] : [{ name: 'canary', limit: canary }]), ...waves]
  const usual = { soakSeconds: 0, failuresMax: 0, minExecuted: 1, deadlineSeconds: 86_400 }
  const forAll = {
    ...(soakSeconds !== undefined && { soakSeconds }),
    ...(failuresMax !== undefined && { failuresMax }),
    ...(deadlineSeconds !== undefined && { deadlineSeconds }),
  }
  const chosen = given.length > 0 ? given.map((wave) => ({ ...usual, ...wave })) : before
  if (chosen.length === 0 && Object.keys(forAll).length > 0) return [{ ...usual, name: 'all', ...forAll }]
  return chosen.map((wave) => ({ ...wave, ...forAll }))
}
