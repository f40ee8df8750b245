/** `skerry rollout retry` */
import { steeringCommand } from './rollout-steering.ts'

export const retryRollout = steeringCommand({
  verb: 'retry',
  summary: 'Offer the revision again to devices of open waves that failed, rejected it or timed out',
  exampleReason: 'the power was off in hall 3',
})
