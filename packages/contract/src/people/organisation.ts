/** Organisations as whoever runs the hub sees them: that they are there, and how much they use; nothing of what they have. */
import * as z from 'zod'
import { OrganisationId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { type Role, TenantRole } from './permissions.ts'
import { Email } from './user.ts'

/** The organisation of those who run the hub. It has no fleet, and nobody else can have the name. */
export const OPERATORS = 'operators'

/** The built-in roles that an organisation gives. */
export const builtInRolesOf = (organisation: string): readonly Role[] =>
  organisation === OPERATORS ? ['operator'] : TenantRole.options

export const TenantName = Name.refine((name) => name !== OPERATORS, `must not be ${OPERATORS}`)

/** As many devices as the largest fleet that one hub was measured with, ten times over. */
const DevicesMax = z.int().min(0).max(1_000_000)

/** 2^53 bytes are more than any disk; less than nothing is no quota. */
const StorageBytesMax = z.int().min(0)

/** Whoever may ask once a second, and no more, can still see and mend what is wrong. */
const RequestsMax = z.int().min(60).max(10_000_000)

/** How much an organisation may use: without bounds where nothing is said. */
export const Quota = z.strictObject({
  devices: DevicesMax.optional(),
  storageBytes: StorageBytesMax.optional(),
  /** Of people and programs together; what devices say over their links is not counted. */
  requestsPerMinute: RequestsMax.optional(),
})
export type Quota = z.infer<typeof Quota>

/** A change of it: what is absent stays, and null takes the bound away. */
export const QuotaChange = {
  devices: DevicesMax.nullable().optional(),
  storageBytes: StorageBytesMax.nullable().optional(),
  requestsPerMinute: RequestsMax.nullable().optional(),
}

/** How much it uses now. */
export const Use = z.strictObject({
  /** From the first request to join until somebody removes them. */
  devices: z.int().min(0),
  /** Of model files that it holds, and of those on their way. */
  storageBytes: z.int().min(0),
  /** Within the last minute, through the hub that answers. */
  requestsPerMinute: z.int().min(0),
})
export type Use = z.infer<typeof Use>

/** The caller's own organisation against its quota. */
export const OrganisationUse = z.strictObject({ id: OrganisationId, name: Name, quota: Quota, use: Use })
export type OrganisationUse = z.infer<typeof OrganisationUse>

export const Tenant = z.strictObject({
  id: OrganisationId,
  name: Name,
  createdAtMs: InstantMs,
  /** Nobody gets into a disabled one; of one that is being removed, what it had is deleted piece by piece. */
  status: z.enum(['active', 'disabled', 'removing']),
  /** Since when it is disabled, and why. */
  disabled: z.strictObject({ atMs: InstantMs, reason: z.string() }).optional(),
  /** Whether some person or key of it is an owner: until then the operator can invite one. */
  hasOwner: z.boolean(),
  quota: Quota,
  use: Use,
})
export type Tenant = z.infer<typeof Tenant>

/** What stays of a removed organisation: its audit trail, which nobody can delete; by these it can be shown to be whole. */
export const RemovedTenant = z.strictObject({
  name: Name,
  id: OrganisationId,
  trail: z.strictObject({ records: z.int().min(0), hash: z.string() }),
})
export type RemovedTenant = z.infer<typeof RemovedTenant>

/** How its first owner comes in. */
export const OwnerInvitation = z.strictObject({
  /** Absent where it went by e-mail: then nobody but its reader can take it. */
  link: z.string().optional(),
  isSent: z.boolean(),
  expiresAtMs: InstantMs,
})
export type OwnerInvitation = z.infer<typeof OwnerInvitation>

/** Who is asked to be the first owner. */
export const OwnerWish = { ownerEmail: Email.optional() }
