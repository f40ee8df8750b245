/**
 * Link message: the signature around each message that the hub sends to a device by itself. The TLS key alone commands
 * no device. A device obeys a message only if the hub's signing key signed it for this device and this connection, with
 * the revision of its stream, and while it is valid.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { DeviceId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'

export const LINK_MESSAGE_PAYLOAD_TYPE = 'application/vnd.skerry.link-message.v1+json'

/** The header of the upgrade request in which the device names the session. */
export const LINK_SESSION_HEADER = 'x-skerry-session'

/** 128 random bits, new for each connection: a message of another connection can never carry them. */
export const LinkSession = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, 'must be 16 random bytes in base64url; update the agent')
  .brand<'LinkSession'>()
export type LinkSession = z.infer<typeof LinkSession>

/** The largest message needs two minutes on a line of 10 kB/s; five leave room for the messages that wait before it. */
export const LINK_MESSAGE_LIFE_MS = 5 * 60_000

/** Strict: a field that a device does not know might forbid the message. */
export const LinkStatement = z.strictObject({
  v: z.literal(1),
  deviceId: DeviceId,
  /** The stream of the link that the message belongs to, such as `jobs`. */
  stream: z.string().min(1).max(32),
  session: LinkSession,
  /** Rises with each message of the connection: a device takes none twice and none out of order. */
  revision: z.int().min(1),
  /** By the hub's clock, as the device knows it from the reports of this connection. */
  expiresAtMs: InstantMs,
  /** SHA-256 of the canonical JSON of the message. */
  digest: Digest,
})
export type LinkStatement = z.infer<typeof LinkStatement>

/** A statement has some 300 bytes. */
const PAYLOAD_BASE64_MAX = 2_048

/** [DSSE v1.0.0] Exactly one signature; the key is named as in model signatures. */
export const statementEnvelope = <Type extends string>(payloadType: Type) =>
  z.strictObject({
    payload: z.base64().min(1).max(PAYLOAD_BASE64_MAX),
    payloadType: z.literal(payloadType),
    signatures: z
      .array(z.strictObject({ sig: z.base64().min(1).max(1_024), keyid: z.string().regex(/^[0-9a-f]{64}$/) }))
      .length(1),
  })

export const LinkEnvelope = statementEnvelope(LINK_MESSAGE_PAYLOAD_TYPE)
export type LinkEnvelope = z.infer<typeof LinkEnvelope>

/** A message as it is on the wire. */
export const signedMessage = <Message extends z.ZodType>(message: Message) =>
  z.object({ envelope: LinkEnvelope, message })
export type SignedMessage<Message> = { envelope: LinkEnvelope; message: Message }

export const CERTIFICATE_REPLY_PAYLOAD_TYPE = 'application/vnd.skerry.certificate-reply.v1+json'

/** Signed with each certificate for a device: the request that it answers, and all fields of the reply. */
export const CertificateStatement = z.strictObject({
  v: z.literal(1),
  /** SHA-256 of the certificate request (PEM). Its signature is random, so no two requests are alike. */
  request: Digest,
  /** SHA-256 of the canonical JSON of the reply without its envelope. */
  reply: Digest,
})
export type CertificateStatement = z.infer<typeof CertificateStatement>

export const CertificateEnvelope = statementEnvelope(CERTIFICATE_REPLY_PAYLOAD_TYPE)
export type CertificateEnvelope = z.infer<typeof CertificateEnvelope>
