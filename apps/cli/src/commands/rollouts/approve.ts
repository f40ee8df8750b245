/** `skerry rollout approve` */
import { steeringCommand } from './rollout-steering.ts'

export const approveRollout = steeringCommand({
  verb: 'approve',
  summary: 'Open the wave that waits for approval',
  exampleReason: 'the canaries score as before',
})
