/** The rules of core for data. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

/** Files run nothing; the serving settings of a deployment do not apply to them. */
const FILES = Serving.parse({})

export const dataRules: KindRules<'data'> = {
  specOf: () => ({}),
  deploymentProblem({ strategy: { shadow }, config }) {
    if (config) return 'data have no settings; deploy them without config'
    return shadow && 'data answer no requests, so they cannot be a shadow; deploy them without a shadow, or in waves'
  },
  serving: () => FILES,
  shadow: () => undefined,
  capable: { yes: 'it keeps data', no: 'the agent of the device is too old to keep data; update it' },
  fit: () => passed('data need no opset'),
  memoryBytes: 0,
  // The apps that read the files come after them.
  rank: 0,
  hold: () => undefined,
  afterCrashes: 'is laid again',
}
