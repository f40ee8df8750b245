/** Seen leaves: whether the person has seen the devices that lose the model in the current plan. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { Digest } from '@skerry/contract/values/digest'

/**
 * `seen` is the digest of the devices that the person has confirmed. If no device leaves, there is nothing to confirm.
 */
export const isSeen = (leaves: DeploymentPlan['leaves'] | undefined, seen: Digest | undefined): boolean =>
  leaves?.digest === undefined || leaves.digest === seen
