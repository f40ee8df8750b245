/** The keys and rules by which the device trusts signatures. Its first message comes at once, and proves the hub. */
import { type HeldTrust, TRUST, type TrustMessage } from '@skerry/contract/held/trust'
import type { TrustKeeper } from '../verifying/trust-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const trustHeld = (keeper: TrustKeeper): HeldDocument<TrustMessage, HeldTrust> => ({
  kind: TRUST,
  begins: 'proof',
  held: keeper.held,
  async take({ envelope }) {
    if (envelope) await keeper.take(envelope)
    return 'done'
  },
})
