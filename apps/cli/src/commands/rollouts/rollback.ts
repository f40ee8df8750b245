/** `skerry rollout rollback` */
import { steeringCommand } from './rollout-steering.ts'

export const rollbackRollout = steeringCommand({
  verb: 'rollback',
  summary: 'End it: every device goes back to its own last good revision',
  exampleReason: 'too many alarms',
  destroys: 'take the revision back from every device',
})
