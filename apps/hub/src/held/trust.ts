/** The keys and rules by which a device trusts signatures. */
import { type HeldTrust, TRUST, type TrustMessage } from '@skerry/contract/held/trust'
import { signTrust } from '@skerry/platform/signatures/trust-signature'
import { trustDocument } from '../trust/trust-store.ts'
import { AGAIN_MS, type HeldDocument } from './held-document.ts'

/** `isTold`: the device has been told in this connection that it holds the newest, or has been sent it. */
type Standing = HeldTrust & { isTold?: true }

export const trustHeld: HeldDocument<TrustMessage, HeldTrust, Standing> = {
  kind: TRUST,
  wakes: ['trust.changed'],
  async next({ store, signing }, { organisationId }, { revision, isTold }) {
    const document = await trustDocument(store.db, { organisationId, first: signing })
    if (document && document.revision !== revision) {
      return {
        document: { envelope: signTrust(document, signing) },
        standing: { revision: document.revision, isTold: true },
      }
    }
    // An empty message proves the hub to the device, which waits for it before it follows anything else.
    return isTold ? undefined : { document: {}, standing: { ...(revision && { revision }), isTold: true } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
}
