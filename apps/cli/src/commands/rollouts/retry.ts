/** `skerry rollout retry` */
import { steeringCommand } from './rollout-steering.ts'

export const retryRollout = steeringCommand({
  verb: 'retry',
  summary: 'Ask every device of open waves again that failed, rejected it or timed out',
  exampleReason: 'the power was off in hall 3',
})
