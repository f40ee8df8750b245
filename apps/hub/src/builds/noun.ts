/** Builds of versions, and the optimisations that make them. */
import type { Noun } from '../nouns/noun.ts'
import { buildHandlers, measurementHandlers, optimisationHandlers } from './build-handlers.ts'
import { startOptimisationEngine } from './optimisation-engine.ts'

type Handlers = {
  build: typeof buildHandlers & typeof measurementHandlers
  optimisation: typeof optimisationHandlers
}

const handlers: Handlers = { build: { ...buildHandlers, ...measurementHandlers }, optimisation: optimisationHandlers }

export const buildNoun = {
  handlers,
  purge: [
    ['optimisations', ['id']],
    ['build_measurements', ['version_id', 'digest', 'device_id']],
    ['build_files', ['build_id', 'path']],
    ['builds', ['id']],
  ],
  engines: [startOptimisationEngine],
  raises: { build: ['models'], optimisation: ['models'] },
} satisfies Noun
