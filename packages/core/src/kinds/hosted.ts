/** The rules of core for hosted models. */
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'
import { modelRules } from './model.ts'
import { servedRules } from './served.ts'

export const hostedRules: KindRules<'hosted'> = {
  specOf: modelRules.specOf,
  deploymentProblem: ({ config }) => config && 'a hosted model has no settings; deploy its runtime app with them',
  serving: ({ serving }) => serving,
  shadow: ({ shadow }) => shadow,
  capable: {
    yes: 'its agent gives files of models to apps',
    no: 'the device has no container engine, or its agent is too old to give files of models to apps; install Docker or update the agent',
  },
  runtime: ({ runtime }) => runtime,
  fit: () => passed('a hosted model needs no opset'),
  // The memory of the model itself is in the limits of its app, as for a served model.
  memoryBytes: servedRules.memoryBytes ?? 0,
  // The app that loads the files comes first.
  rank: servedRules.rank,
  hold: () => undefined,
  afterCrashes: 'is loaded again',
}
