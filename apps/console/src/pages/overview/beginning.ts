/**
 * Beginning: whether a person still has to take the first steps with the hub. It is a file of its own, so that the
 * steps load only when they are needed.
 */
import type { Status } from '@skerry/contract/api/hub-procedures'

/** Whether any step is still open. */
export const hasFirstSteps = (status: Status, devices: number): boolean =>
  status.sites === 0 || devices === 0 || status.models === 0 || status.deployments === 0
