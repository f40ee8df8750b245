/**
 * Approvals: what one person does counts only when another one has said yes. A call that needs it is tried out, put down as a request, and
 * refused with `approval_needed`; once somebody else has approved, the same call by the same hands counts, once.
 */
import * as z from 'zod'
import { ProviderId } from '../people/user.ts'
import { ApprovalId, KeyId, UserId } from '../values/ids.ts'
import { InstantMs, Reason, SelectorText } from '../values/names.ts'

/** A rule of an organisation. Each procedure states the one that it falls under (api/procedure.ts). */
export const ApprovalKind = z.enum(['deployments', 'batches', 'roles', 'audit'])
export type ApprovalKind = z.infer<typeof ApprovalKind>

/** No procedure: the groups of a provider give other roles than were approved. It is asked for by the hub, when somebody signs in. */
export const MAPPING_ACTION = 'provider.roles'

/** A request that nobody has answered by then is over: what was meant then may not be meant now. */
const EXPIRES_SECONDS = 24 * 3_600

/** Each is off where absent or false. */
export const ApprovalRules = z.strictObject({
  /** Which devices are production: a deployment, source or sink that has one of them, before or after, needs two people; so do other labels for one, or for its site. */
  deployments: SelectorText.optional(),
  /** Sending a batch, and sending it again. */
  batches: z.boolean().default(false),
  /** Giving somebody a role: people, invitations, keys; and making or changing a role. */
  roles: z.boolean().default(false),
  /** Removing what was archived of the audit trail, how long it is kept, and where it is sent. */
  audit: z.boolean().default(false),
  /** How long a request waits, and how long an approval counts. */
  expiresInSeconds: z
    .int()
    .min(60)
    .max(7 * 86_400)
    .default(EXPIRES_SECONDS),
})
export type ApprovalRules = z.infer<typeof ApprovalRules>

/** pending: nobody has answered. approved: the same call counts once. used: it has. denied, expired: over. */
export const ApprovalStatus = z.enum(['pending', 'approved', 'used', 'denied', 'expired'])
export type ApprovalStatus = z.infer<typeof ApprovalStatus>

const Hand = z.strictObject({
  kind: z.enum(['key', 'user', 'provider']),
  id: z.union([KeyId, UserId, ProviderId]),
  name: z.string().max(63),
  atMs: InstantMs,
})

export const Approval = z.strictObject({
  id: ApprovalId,
  kind: ApprovalKind,
  /** The procedure, and what it was asked. */
  action: z.string(),
  object: z.string(),
  input: z.record(z.string(), z.unknown()),
  status: ApprovalStatus,
  asked: Hand,
  answered: Hand.optional(),
  reason: z.string().optional(),
  expiresAtMs: InstantMs,
  /** Why whoever looks cannot approve it, while it waits; absent where they can. */
  refusal: z.string().optional(),
})
export type Approval = z.infer<typeof Approval>

export const ApprovalAnswer = z.strictObject({ approval: ApprovalId, reason: Reason })
