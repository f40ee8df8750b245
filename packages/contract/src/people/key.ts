/** API keys: the credentials of programs and, for now, of people. */
import * as z from 'zod'
import { KeyId, OrganisationId, UserId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { Permission } from './permissions.ts'
import { RoleName } from './role.ts'

export const Key = z.strictObject({
  id: KeyId,
  name: Name,
  role: RoleName,
  createdAtMs: InstantMs,
  expiresAtMs: InstantMs.optional(),
  lastUsedAtMs: InstantMs.optional(),
  revokedAtMs: InstantMs.optional(),
  /**
   * The person to whom the key belongs, if any: it may do the same as the person. The address is absent once the person
   * is gone.
   */
  owner: z.strictObject({ id: UserId, email: z.string().optional() }).optional(),
})
export type Key = z.infer<typeof Key>

/** `sk_`, the key's id, and 32 secret bytes: the id finds the record, the rest is compared with its stored hash. */
export const KeySecret = z.string().regex(/^sk_[a-z2-7]{8,32}_[A-Za-z0-9_-]{43}$/, 'must look like sk_..._...')

/** The caller of a procedure. */
export const Me = z.strictObject({
  organisationId: OrganisationId,
  organisation: Name,
  kind: z.enum(['key', 'user']),
  /** The id of the key or the user. */
  id: z.union([KeyId, UserId]),
  /** The name of the key or of the person. */
  name: z.string().max(63),
  roles: z.array(Name),
  permissions: z.array(Permission),
  /** The scope of the role, as a selector; it counts everywhere if absent. */
  scope: z.string().optional(),
})
export type Me = z.infer<typeof Me>
