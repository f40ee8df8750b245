/** The captures of the device's models, and the subjects to erase. */
import { CAPTURES, type CapturesDocument, type HeldCaptures } from '@skerry/contract/held/captures'
import type { CaptureKeeper } from '../captures/capture-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const capturesHeld = (keeper: CaptureKeeper): HeldDocument<CapturesDocument, HeldCaptures> => ({
  kind: CAPTURES,
  begins: 'proved',
  held: keeper.held,
  async take(document) {
    await keeper.take(document)
    return 'report'
  },
  ...(keeper.news && { news: keeper.news }),
})
