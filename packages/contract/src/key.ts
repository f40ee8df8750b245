/** API keys: what programs, and for now people, sign in with. */
import * as z from 'zod'
import { KeyId, OrganisationId } from './ids.ts'
import { InstantMs, Name } from './names.ts'
import { Permission, Role } from './permissions.ts'

export const Key = z.strictObject({
  id: KeyId,
  name: Name,
  role: Role,
  createdAtMs: InstantMs,
  expiresAtMs: InstantMs.optional(),
  lastUsedAtMs: InstantMs.optional(),
  revokedAtMs: InstantMs.optional(),
})
export type Key = z.infer<typeof Key>

/** `sk_`, the key's id, and 32 secret bytes: the id finds the record, the rest is compared with its stored hash. */
export const KeySecret = z.string().regex(/^sk_[a-z2-7]{8,32}_[A-Za-z0-9_-]{43}$/, 'must look like sk_..._...')

/** Who calls. */
export const Me = z.strictObject({
  organisationId: OrganisationId,
  organisation: Name,
  keyId: KeyId,
  name: Name,
  role: Role,
  permissions: z.array(Permission),
})
export type Me = z.infer<typeof Me>
