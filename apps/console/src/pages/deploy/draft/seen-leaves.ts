/** Seen leaves: whether the person has seen the devices that lose the model, as the plan has them now. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { Digest } from '@skerry/contract/values/digest'

/** `seen` stands for the devices that the person has ticked off. Without any device that leaves there is nothing to see. */
export const isSeen = (leaves: DeploymentPlan['leaves'] | undefined, seen: Digest | undefined): boolean =>
  leaves?.digest === undefined || leaves.digest === seen
