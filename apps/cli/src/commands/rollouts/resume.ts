/** `skerry rollout resume` */
import { steeringCommand } from './rollout-steering.ts'

export const resumeRollout = steeringCommand({
  verb: 'resume',
  summary: 'Go on; failures so far are borne',
  exampleReason: 'the gateway was being repaired',
})
