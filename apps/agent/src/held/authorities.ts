/** The roots by which the device knows its hub, and the order to renew its certificate. */
import { AUTHORITIES, type AuthoritiesMessage, type HeldAuthorities } from '@skerry/contract/held/authorities'
import type { AuthorityKeeper } from '../joining/authority-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const authoritiesHeld = (keeper: AuthorityKeeper): HeldDocument<AuthoritiesMessage, HeldAuthorities> => ({
  kind: AUTHORITIES,
  begins: 'at-once',
  held: keeper.held,
  async take(message, signal) {
    // The hub orders a renewal only after it knows that the device has the roots.
    return (await keeper.take(message, signal)) ? 'report' : 'done'
  },
})
