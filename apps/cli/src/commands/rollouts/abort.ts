/** `skerry rollout abort` */
import { steeringCommand } from './rollout-steering.ts'

export const abortRollout = steeringCommand({
  verb: 'abort',
  summary: 'End the rollout: no further device gets the revision, and healthy devices keep it',
  exampleReason: 'wrong model',
  destroys: 'end the rollout for good',
})
