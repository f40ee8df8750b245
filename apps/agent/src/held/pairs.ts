/** The pairs in which the device takes part, and its state in them. */
import { type HeldPairs, PAIRS, type PairsDocument } from '@skerry/contract/held/pairs'
import type { PairKeeper } from '../pair/pair-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const pairsHeld = (keeper: PairKeeper): HeldDocument<PairsDocument, HeldPairs> => ({
  kind: PAIRS,
  // Another hub must not learn the active device of the site.
  begins: 'proved',
  held: keeper.held,
  news: keeper.news,
  async take(document) {
    await keeper.take(document)
    return 'report'
  },
})
