/** Intrusion detection: rules over what the audit trail says, and what they have found. Each organisation sets its own thresholds. */
import * as z from 'zod'
import { Actor } from '../audit/audit.ts'
import { IntrusionId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'

/** Names are part of the API; docs/security/intrusion.md says what each looks for. */
export const IntrusionRule = z.enum([
  'key_guessing',
  'sign_in_guessing',
  'permission_probing',
  'object_probing',
  'many_places',
  'mass_change',
  'new_administrator',
  'certificate_shared',
  'untrusted_push',
  'clock_tampering',
  'journal_broken',
])
export type IntrusionRule = z.infer<typeof IntrusionRule>

/** What the hub does by itself when a rule fires: nothing; say what it would have done; do it. */
export const IntrusionResponse = z.enum(['none', 'dry-run', 'on'])
export type IntrusionResponse = z.infer<typeof IntrusionResponse>

/** 1 fires at the first sign; a million never does, and so says that it is off. */
const Threshold = z.int().min(1).max(1_000_000)

export const IntrusionRuleSetting = z.strictObject({
  isOn: z.boolean(),
  /** The score at which it fires; it sinks to nothing within the window. */
  threshold: Threshold,
  response: IntrusionResponse,
})
export type IntrusionRuleSetting = z.infer<typeof IntrusionRuleSetting>

export const IntrusionRuleView = IntrusionRuleSetting.extend({
  rule: IntrusionRule,
  means: z.string(),
  windowSeconds: z.int().min(1),
  /** What the response would be; absent where there is none that helps. */
  action: z.enum(['lock-key', 'quarantine-device']).optional(),
  /** Whether the organisation has said otherwise than what is usual. */
  isSet: z.boolean(),
})
export type IntrusionRuleView = z.infer<typeof IntrusionRuleView>

/** Enough to look them up; the count tells how many there were. */
export const EVIDENCE_MAX = 20

export const Intrusion = z.strictObject({
  id: IntrusionId,
  rule: IntrusionRule,
  /** Who or what it is about: who did it, or what it was done to. */
  subject: Actor.extend({ kind: z.enum(['key', 'user', 'device']) }),
  status: z.enum(['open', 'dismissed']),
  score: z.number().min(0),
  threshold: Threshold,
  /** Signs so far, and when the first and the last of them were. */
  count: z.int().min(1),
  firstMs: InstantMs,
  lastMs: InstantMs,
  /** The audit records that made it fire, by their sequence. */
  evidence: z.array(z.int().min(1)).max(EVIDENCE_MAX),
  response: z.strictObject({
    /** `would`: it is set to dry-run. `refused`: it would have locked out an owner. */
    state: z.enum(['none', 'would', 'done', 'undone', 'refused']),
    action: z.enum(['lock-key', 'quarantine-device']).optional(),
  }),
  closed: z.strictObject({ atMs: InstantMs, by: z.string(), reason: z.string() }).optional(),
})
export type Intrusion = z.infer<typeof Intrusion>
