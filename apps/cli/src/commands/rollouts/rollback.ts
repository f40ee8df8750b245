/** `skerry rollout rollback` */
import { steeringCommand } from './rollout-steering.ts'

export const rollbackRollout = steeringCommand({
  verb: 'rollback',
  summary: 'End the rollout: every device rolls back to its own last good revision',
  exampleReason: 'too many alarms',
  destroys: 'roll every device back to its last good revision',
})
