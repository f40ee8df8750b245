/**
 * Approvals: the action of one person counts only when another person has agreed. A call that needs it is tried without
 * effect, stored as a request, and rejected with `approval_needed`. Once somebody else has approved, the same call by
 * the same person counts, once.
 */
import * as z from 'zod'
import { ProviderId } from '../people/user.ts'
import { ApprovalId, KeyId, UserId } from '../values/ids.ts'
import { InstantMs, Reason, SelectorText } from '../values/names.ts'

/** A rule of an organisation. Each procedure states the one that it falls under (api/procedure.ts). */
export const ApprovalKind = z.enum(['deployments', 'batches', 'roles', 'audit', 'access'])
export type ApprovalKind = z.infer<typeof ApprovalKind>

/**
 * No procedure: the groups of a provider give other roles than were approved. The hub makes this request when somebody
 * signs in.
 */
export const MAPPING_ACTION = 'provider.roles'

/** After this time an unanswered request is over: the old intention may no longer hold. */
const EXPIRES_SECONDS = 24 * 3_600

/** Each rule is off if absent or false. */
export const ApprovalRules = z.strictObject({
  /**
   * The production devices. A deployment, source or sink that reaches one of them, before or after the change, needs
   * two people. So does a change of labels of such a device, or of its site.
   */
  deployments: SelectorText.optional(),
  /** Sending a batch, and sending it again. */
  batches: z.boolean().default(false),
  /** Giving somebody a role: people, invitations, keys; and making or changing a role. */
  roles: z.boolean().default(false),
  /** Removing archived records of the audit trail, how long the trail is kept, and where it is sent. */
  audit: z.boolean().default(false),
  /** A grant of remote access. Absent in a change by an older program: then the rule stays as it is. */
  access: z.boolean().optional(),
  /**
   * Terminals of these devices need a moderator. False switches the rule off. Absent in a change: then the rule stays as
   * it is.
   */
  moderated: z.union([SelectorText, z.literal(false)]).optional(),
  /** How long a request waits, and how long an approval counts. */
  expiresInSeconds: z
    .int()
    .min(60)
    .max(7 * 86_400)
    .default(EXPIRES_SECONDS),
})
export type ApprovalRules = z.infer<typeof ApprovalRules>

/** The rules that can be switched off. */
export type RuleName = ApprovalKind | 'moderated'

/** pending: unanswered. approved: the same call counts once. used: it has counted. denied, expired: over. */
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
  /** The procedure, and its input. */
  action: z.string(),
  object: z.string(),
  input: z.record(z.string(), z.unknown()),
  status: ApprovalStatus,
  asked: Hand,
  answered: Hand.optional(),
  reason: z.string().optional(),
  expiresAtMs: InstantMs,
  /** Why the caller cannot approve it while it waits; absent if the caller can. */
  refusal: z.string().optional(),
})
export type Approval = z.infer<typeof Approval>

export const ApprovalAnswer = z.strictObject({ approval: ApprovalId, reason: Reason })
