/** `skerry rollout pause` */
import { steeringCommand } from './rollout-steering.ts'

export const pauseRollout = steeringCommand({
  verb: 'pause',
  summary: 'Pause the rollout: no further device gets the revision',
  exampleReason: 'look at the scores first',
})
