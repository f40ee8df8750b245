/** API keys: what programs, and for now people, sign in with. */
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
  /** Whose it is, where it is a person's: it does what the person may do. The address is absent once the person is gone. */
  owner: z.strictObject({ id: UserId, email: z.string().optional() }).optional(),
})
export type Key = z.infer<typeof Key>

/** `sk_`, the key's id, and 32 secret bytes: the id finds the record, the rest is compared with its stored hash. */
export const KeySecret = z.string().regex(/^sk_[a-z2-7]{8,32}_[A-Za-z0-9_-]{43}$/, 'must look like sk_..._...')

/** Who calls. */
export const Me = z.strictObject({
  organisationId: OrganisationId,
  organisation: Name,
  kind: z.enum(['key', 'user']),
  /** Of the key or the user. */
  id: z.union([KeyId, UserId]),
  /** A key's name, or what the person is called. */
  name: z.string().max(63),
  roles: z.array(Name),
  permissions: z.array(Permission),
  /** Where the role counts, as a selector: everywhere where absent. */
  scope: z.string().optional(),
})
export type Me = z.infer<typeof Me>
