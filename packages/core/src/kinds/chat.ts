/** The rules of core for chat models. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

/** The server of the app makes batches itself. */
const IN_APP = Serving.parse({})

/** The texts of some conversations. The memory of the model itself is in the limits of its app. */
const BUFFER_BYTES = 8 * 1024 ** 2

export const chatRules: KindRules<'chat'> = {
  specOf: ({ serving: { onCrash, queueMax, deadlineMs, instances } }) => ({
    onCrash,
    queueMax,
    deadlineMs,
    ...(instances > 1 && { instances }),
  }),
  deploymentProblem({ strategy: { shadow }, config }) {
    if (config) return 'a chat model has no settings; deploy its app with them'
    return shadow && 'two answers in words cannot be compared by numbers; deploy it without a shadow, or in waves'
  },
  serving: ({ instances = 1, ...spec }) => ({ ...IN_APP, ...spec, instances }),
  shadow: () => undefined,
  capable: {
    yes: 'its agent passes conversations on to apps',
    no: 'the device has no container engine, or its agent is too old to pass conversations on to apps; install Docker or update the agent',
  },
  fit: () => passed('a chat model needs no opset'),
  memoryBytes: BUFFER_BYTES,
  // The app that answers comes first.
  rank: 3,
  hold: () => undefined,
  afterCrashes: 'is loaded again',
}
