/** `skerry rollout abort` */
import { steeringCommand } from './rollout-steering.ts'

export const abortRollout = steeringCommand({
  verb: 'abort',
  summary: 'End it: no further device is offered the revision, and those that run it well keep it',
  exampleReason: 'wrong model',
  destroys: 'end the rollout for good',
})
