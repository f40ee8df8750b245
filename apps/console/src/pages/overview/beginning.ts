/** Beginning: whether somebody has yet to take the first steps with the hub. Apart from the steps, so that these load only where they are due. */
import type { Status } from '@skerry/contract/api/hub-procedures'

/** Whether anything of it is still to do. */
export const hasFirstSteps = (status: Status, devices: number): boolean =>
  status.sites === 0 || devices === 0 || status.models === 0 || status.deployments === 0
