/** Intrusion webhook: a program of the organisation's that is told of each finding, and what it is told. docs/security/intrusion.md describes it. */
import * as z from 'zod'
import { IntrusionId, type OrganisationId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'
import type { Intrusion } from './intrusion.ts'

/** Whether the hub may connect there is decided by the hub, with its options and what the name resolves to. */
const HttpsUrl = z
  .url({ protocol: /^https$/, error: 'must be an https URL' })
  .max(500)
  .refine((text) => !/\s/.test(text) && !/^\w+:\/\/[^/?#]*@/.test(text), 'must not hold a name or a password')

export const IntrusionWebhookWish = z.strictObject({ url: HttpsUrl })

const count = z.int().min(0)

export const IntrusionWebhook = IntrusionWebhookWish.extend({
  sentAtMs: InstantMs.optional(),
  /** Findings that it has not taken yet, and since when the first of them waits. */
  waiting: count,
  waitingSinceMs: InstantMs.optional(),
  /** Why the last attempt failed, and how many have since one that did not. */
  problem: z.strictObject({ message: z.string(), sinceMs: InstantMs, attempts: count }).optional(),
  /** Findings that it has not taken for a day, since the webhook was set; they are told of no more. The newest, and why. */
  givenUp: z.strictObject({
    count,
    newest: z.strictObject({ intrusion: IntrusionId, atMs: InstantMs, message: z.string() }).optional(),
  }),
})
export type IntrusionWebhook = z.infer<typeof IntrusionWebhook>

export const IntrusionWebhookMade = z.strictObject({
  webhook: IntrusionWebhook,
  /** Signs what is told. Shown this once. */
  secret: z.string(),
})

/** What a webhook is told: others write programs that read it, so fields are added and never changed. */
export type IntrusionMessage = {
  kind: 'intrusion.found'
  /** Asked for by a person, to see whether it arrives; the finding is made up. */
  isTest: boolean
  organisationId: OrganisationId
  foundAtMs: number
  /** As it stands when it is told. */
  finding: Intrusion
}

export const IntrusionWebhookAnswer = z.strictObject({
  /** Whether it took the message, which every 2xx says. */
  isTaken: z.boolean(),
  status: z.int().optional(),
  /** The beginning of what it answered, or why it could not be told. */
  text: z.string(),
})
