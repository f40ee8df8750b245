/** Learnings: a device learns the normal state of its tags, and the detector is a version with an alarm. */
import type { Noun } from '../nouns/noun.ts'
import { learningFleetHandlers } from './fleet/fleet-handlers.ts'
import { learningChangeHandlers, learningReadHandlers } from './learning-handlers.ts'
import { sweepLearnings } from './learning-sweep.ts'
import { markHandlers } from './mark-handlers.ts'

type Handlers = {
  learning: typeof learningReadHandlers &
    typeof learningChangeHandlers &
    typeof markHandlers &
    typeof learningFleetHandlers
}

const handlers: Handlers = {
  learning: { ...learningReadHandlers, ...learningChangeHandlers, ...markHandlers, ...learningFleetHandlers },
}

export const learningNoun = {
  handlers,
  purge: [
    ['learning_marks', ['id']],
    ['learning_parts', ['learning_id']],
    ['learnings', ['id']],
    ['learning_fleets', ['id']],
  ],
  sweeps: [{ name: 'learnings', everyMs: 600_000, run: sweepLearnings }],
  raises: { learning: ['models'] },
} satisfies Noun
