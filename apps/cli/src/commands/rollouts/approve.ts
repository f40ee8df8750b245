/** `skerry rollout approve` */
import { steeringCommand } from './rollout-steering.ts'

export const approveRollout = steeringCommand({
  verb: 'approve',
  summary: 'Let the wave open that waits for approval',
  exampleReason: 'the canaries score as before',
})
