/** Webhook source: equipment, or a program, that posts JSON to the device. [RFC 9110] */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { Certificates, Host } from '../../sinks/broker.ts'
import { JsonPath, JsonTime } from '../../values/json-path.ts'
import { TagShape } from '../tag.ts'

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

export const WebhookSourceConnection = z
  .strictObject({
    /** Where it listens: nobody but the device itself where nothing is said. */
    host: Host.default('127.0.0.1'),
    port: z.int().min(1).max(65_535),
    path: z
      .string()
      .max(200)
      .regex(/^\/[A-Za-z0-9._~/-]*$/, 'must be a path such as /values')
      .default('/'),
    tls: z
      .strictObject({
        certificate: Certificates,
        key: SecretReference,
        /** Who posts must have a certificate of these, where it is there. */
        ca: Certificates.optional(),
      })
      .optional(),
    /** [RFC 6750, 2.1] */
    bearer: SecretReference.optional(),
    /** `x-skerry-signature: sha256=HEX` is the HMAC-SHA-256, by this secret, of the text in `x-skerry-timestamp`, a dot and the body. */
    signature: SecretReference.optional(),
    /** The time stamp, in seconds since 1970, may be so far from our clock; within it nothing is taken twice. */
    windowSeconds: z.int().min(1).max(600).default(300),
    /** Of one body. Machines send a few kilobytes. */
    bytesMax: z.int().min(1_024).max(16_777_216).default(262_144),
    /** Requests, of all senders together. */
    perSecond: z.int().min(1).max(1_000).default(50),
    connectionsMax: z.int().min(1).max(1_000).default(32),
  })
  .superRefine(({ host, bearer, signature, tls }, context) => {
    if (LOOPBACK.includes(host)) return
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (!bearer && !signature)
      say('signature', 'whoever reaches it could say anything: give it a bearer or a signature')
    if (bearer && !tls)
      say('tls', 'without tls everybody on the way reads the bearer: give it tls, or a signature alone')
  })
export type WebhookSourceConnection = z.infer<typeof WebhookSourceConnection>

export const WebhookTag = z
  .strictObject({
    ...TagShape,
    /** Absent: the whole document. What a document says nothing of stays as it was. */
    path: JsonPath.optional(),
    time: JsonTime.optional(),
    /** Without a document that says it for so long the value is bad. Else the last one counts, however old. */
    staleAfterMs: z.int().min(100).max(604_800_000).optional(),
  })
  .superRefine((tag, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (tag.mask !== undefined || tag.shift !== undefined) say('mask', 'only registers are masked and shifted')
    if (tag.write !== undefined) say('write', 'who posts is only listened to')
  })
export type WebhookTag = z.infer<typeof WebhookTag>
