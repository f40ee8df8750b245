/** The rules of core for served models. */
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'
import { modelRules } from './model.ts'

/** The buffers of some requests. The memory of the model itself is in the limits of its app. */
const BUFFER_BYTES = 8 * 1024 ** 2

export const servedRules: KindRules<'served'> = {
  specOf: modelRules.specOf,
  deploymentProblem: ({ config }) => config && 'a served model has no settings; deploy its app with them',
  serving: ({ serving }) => serving,
  shadow: ({ shadow }) => shadow,
  capable: {
    yes: 'its agent passes requests on to apps',
    no: 'the device has no container engine, or its agent is too old to pass requests on to apps; install Docker or update the agent',
  },
  fit: () => passed('a served model needs no opset'),
  memoryBytes: BUFFER_BYTES,
  // The app that answers comes first.
  rank: 3,
  hold: () => undefined,
  afterCrashes: 'is loaded again',
}
