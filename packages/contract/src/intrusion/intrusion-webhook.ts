/**
 * Intrusion webhook: a program of the organisation that receives each finding, and the message to it.
 * docs/security/intrusion.md describes it.
 */
import * as z from 'zod'
import { IntrusionId, type OrganisationId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'
import type { Intrusion } from './intrusion.ts'

/** The hub decides whether it may connect there, by its options and by the address to which the name resolves. */
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
  /**
   * Findings since the webhook was set that it did not accept for a day; the hub has stopped sending them. The newest
   * one, and why.
   */
  givenUp: z.strictObject({
    count,
    newest: z.strictObject({ intrusion: IntrusionId, atMs: InstantMs, message: z.string() }).optional(),
  }),
})
export type IntrusionWebhook = z.infer<typeof IntrusionWebhook>

export const IntrusionWebhookMade = z.strictObject({
  webhook: IntrusionWebhook,
  /** The key that signs the messages. It is shown only this once. */
  secret: z.string(),
})

/** The message to a webhook. Other people's programs read it, so fields are added and never changed. */
export type IntrusionMessage = {
  kind: 'intrusion.found'
  /** A person requested it, to see whether it arrives; the finding is made up. */
  isTest: boolean
  organisationId: OrganisationId
  foundAtMs: number
  /** The finding at the time of the message. */
  finding: Intrusion
}

export const IntrusionWebhookAnswer = z.strictObject({
  /** Whether it accepted the message, by any 2xx status. */
  isTaken: z.boolean(),
  status: z.int().optional(),
  /** The beginning of its answer, or why the message could not be delivered. */
  text: z.string(),
})
