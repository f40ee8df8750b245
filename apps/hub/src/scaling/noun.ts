/** Scaling: the policies by which workers and replicas follow the load, and their steps. The placer scales replicas. */
import type { Noun } from '../nouns/noun.ts'
import { scalingHandlers } from './scaling-handlers.ts'
import { sweepSteps } from './step-store.ts'

type Handlers = { scaling: typeof scalingHandlers }

const handlers: Handlers = { scaling: scalingHandlers }

export const scalingNoun = {
  handlers,
  purge: [
    ['scale_steps', ['deployment_id', 'subject', 'at_ms']],
    ['placement_scales', ['deployment_id']],
  ],
  sweeps: [{ name: 'scale-steps', everyMs: 600_000, run: sweepSteps }],
} satisfies Noun
