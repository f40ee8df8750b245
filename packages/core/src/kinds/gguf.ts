/** The rules of core for language models. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

/** A language model has one process of its own; batches are those of its runtime. */
const OWN_PROCESS = Serving.parse({})

export const ggufRules: KindRules<'gguf'> = {
  specOf: ({ serving: { onCrash, threads, queueMax, deadlineMs, instances } }) => ({
    onCrash,
    threads,
    queueMax,
    deadlineMs,
    ...(instances > 1 && { instances }),
  }),
  deploymentProblem({ strategy: { shadow }, config }) {
    if (config) return 'a language model has no settings; deploy it without config'
    return shadow && 'two answers in words cannot be compared by numbers; deploy it without a shadow, or in waves'
  },
  serving: ({ instances = 1, ...spec }) => ({ ...OWN_PROCESS, ...spec, instances }),
  shadow: () => undefined,
  capable: {
    yes: 'it runs language models',
    no: 'the agent of the device has no runtime for language models; deploy an agent package with the part for language models to it, or install node-llama-cpp beside the agent',
  },
  // The device compares weights and context with its memory when it loads the version.
  fit: () => passed('a language model needs no opset'),
  rank: 0,
  hold: () => undefined,
  afterCrashes: 'is started again in its own process',
}
