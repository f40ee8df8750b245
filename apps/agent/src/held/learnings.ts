/** The learnings that the device carries out, and their progress. */
import { type HeldLearnings, LEARNINGS, type LearningsDocument } from '@skerry/contract/held/learnings'
import type { LearningKeeper } from '../learning/learning-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const learningsHeld = (keeper: LearningKeeper): HeldDocument<LearningsDocument, HeldLearnings> => ({
  kind: LEARNINGS,
  // Another hub must not learn which tags the device has.
  begins: 'proved',
  held: keeper.held,
  news: keeper.news,
  async take(document) {
    await keeper.take(document)
    return 'report'
  },
})
