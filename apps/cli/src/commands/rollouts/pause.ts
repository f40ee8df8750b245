/** `skerry rollout pause` */
import { steeringCommand } from './rollout-steering.ts'

export const pauseRollout = steeringCommand({
  verb: 'pause',
  summary: 'Offer the revision to no further device',
  exampleReason: 'look at the scores first',
})
