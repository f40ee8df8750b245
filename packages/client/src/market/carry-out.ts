/**
 * Carry out: the steps of an installation or of its removal, one after another, as ordinary requests of the caller.
 * Every step can be repeated: a repetition changes nothing. So after an interruption the same command continues.
 */
import type { InstallPlan, InstallStep } from '@skerry/contract/market/installation'
import type { SkerryClient } from '../client.ts'
import { allRows } from '../page.ts'
import { problemOf } from '../problem.ts'

export type DoneStep = {
  step: InstallStep
  /** Whether anything changed, and a text such as `hall-flow:2`. */
  outcome: string
}

type Progress = (done: DoneStep) => void

/** Carries the steps out, and tells the hub that they are done. Throws the first error of a step. */
export async function carryOut(
  client: SkerryClient,
  { name, steps }: Pick<InstallPlan, 'name' | 'steps'>,
  onDone: Progress,
  signal: AbortSignal,
): Promise<void> {
  const versions = new Map<string, number>()
  for (const step of steps) onDone({ step, outcome: await carryOutStep({ client, versions, signal }, step) })
  await client.market.complete({ name }, { signal })
}

type Work = {
  client: SkerryClient
  /** The version of each pushed item. */
  versions: Map<string, number>
  signal: AbortSignal
}

type StepOf<Does extends InstallStep['does']> = Extract<InstallStep, { does: Does }>

async function carryOutStep(work: Work, step: InstallStep): Promise<string> {
  switch (step.does) {
    case 'set-connection':
      return setConnection(work, step)
    case 'push':
      return push(work, step)
    case 'deploy':
      return deploy(work, step)
    case 'remove-deployment':
      return removeDeployment(work, step)
    case 'remove-connection':
      return removeConnection(work, step)
  }
}

async function setConnection({ client, signal }: Work, step: StepOf<'set-connection'>): Promise<string> {
  const { connection, name, scope, spec } = step
  const { change } = await client[connection].set({ name, scope, spec }, { signal })
  return `${connection} ${name} ${change}`
}

async function push({ client, versions, signal }: Work, step: StepOf<'push'>): Promise<string> {
  const { created, version } = await client.model.push(step.push, { signal })
  versions.set(step.item, version.version)
  return `${version.name}:${version.version} ${created ? 'pushed' : 'exists already'}`
}

async function deploy({ client, versions, signal }: Work, { item, spec }: StepOf<'deploy'>): Promise<string> {
  const version = versions.get(item)
  const wanted = { ...spec, ...(version !== undefined && { version: String(version) }) }
  const plan = await client.deployment.plan(wanted, { signal })
  // The choice of devices was the person's own, so the devices that leave were seen in the plan.
  const leaves = plan.leaves && { acknowledgedLeaves: plan.leaves.digest }
  const { change } = await client.deployment.apply({ ...wanted, ...leaves }, { signal })
  return `deployment ${spec.name} ${change}`
}

async function removeDeployment({ client, signal }: Work, { deployment }: StepOf<'remove-deployment'>) {
  try {
    await client.deployment.remove({ deployment }, { signal })
    return `deployment ${deployment} removed`
  } catch (error) {
    if (problemOf(error).code !== 'deployment_unknown') throw error
    return `deployment ${deployment} was gone`
  }
}

async function removeConnection({ client, signal }: Work, step: StepOf<'remove-connection'>): Promise<string> {
  const { connection, name, scope } = step
  const rows = await allRows((page) => client[connection].list({ ...page, scope, name }, { signal }))
  for (const { id } of rows) await client[connection].remove({ connection: id }, { signal })
  return `${connection} ${name} ${rows.length === 0 ? 'was gone' : 'removed'}`
}
