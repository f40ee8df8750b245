/** The roots by which a device knows its hub, and the order to renew its certificate, as the hub sends them and the device reports them. */
import * as z from 'zod'
import { AuthorityChain } from '../authorities/authority.ts'
import { AuthorityId } from '../values/ids.ts'
import type { HeldKind } from './held-document.ts'

/** SHA-256 of the certificates that the device trusts (PEM, as they were sent), hex. Not strict: a later device may report more. */
export const HeldAuthorities = z.object({
  held: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
})
export type HeldAuthorities = z.infer<typeof HeldAuthorities>

/** Not strict: a later hub may say more. */
export const AuthoritiesMessage = z.object({
  /** PEM: whoever the hub may show itself by from now on. Absent where the device has it. */
  roots: AuthorityChain.optional(),
  /** The device is to renew its certificate, at a moment within this time that it draws. */
  renewWithinMs: z.int().min(0).optional(),
  /** Of which authority then: a wish that is repeated is the same wish. */
  active: AuthorityId,
})
export type AuthoritiesMessage = z.infer<typeof AuthoritiesMessage>

/** The row of this document. */
export const AUTHORITIES = {
  name: 'authorities',
  document: AuthoritiesMessage,
  held: HeldAuthorities,
} satisfies HeldKind<AuthoritiesMessage, HeldAuthorities>
