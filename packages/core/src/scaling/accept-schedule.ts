/**
 * Accept schedule: the steps that turn a proposed schedule into a revision of the deployment. The caller sends the
 * requests, so that the command line and the console take the same steps.
 */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { ScheduleProposal } from '@skerry/contract/scaling/schedule-proposal'
import type { Digest } from '@skerry/contract/values/digest'
import { withLearntSchedule } from './schedule-words.ts'

/** `ifRevision`: another change since the proposal must not be lost. `acknowledgedLeaves`: the plan that was seen. */
export type ScheduleOrder = DeploymentSpec & { ifRevision: number; acknowledgedLeaves: Digest | undefined }

export type AcceptDeps<Applied> = {
  get(deployment: string): Promise<{ spec: DeploymentSpec }>
  plan(spec: DeploymentSpec): Promise<{ leaves: { digest?: Digest | undefined } }>
  apply(order: ScheduleOrder): Promise<Applied>
  /** Rejects if the person does not agree. Called before anything changes. */
  agree?(): Promise<unknown>
}

/** The deployment changes only if it still has the revision of the proposal. */
export async function acceptSchedule<Applied>(proposal: ScheduleProposal, deps: AcceptDeps<Applied>): Promise<Applied> {
  const { spec } = await deps.get(proposal.deployment)
  const wanted = withLearntSchedule(spec, proposal)
  const { leaves } = await deps.plan(wanted)
  await deps.agree?.()
  return deps.apply({ ...wanted, ifRevision: proposal.revision, acknowledgedLeaves: leaves.digest })
}
