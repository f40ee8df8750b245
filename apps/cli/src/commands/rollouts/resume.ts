/** `skerry rollout resume` */
import { steeringCommand } from './rollout-steering.ts'

export const resumeRollout = steeringCommand({
  verb: 'resume',
  summary: 'Resume the rollout; earlier failures are tolerated',
  exampleReason: 'the gateway was being repaired',
})
