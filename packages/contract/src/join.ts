/** Joining: how a computer becomes a device of an organisation. */
import * as z from 'zod'
import { Inventory } from './device.ts'
import { DeviceId, JoinTokenId } from './ids.ts'
import { InstantMs, Labels, Name } from './names.ts'

export const JoinTokenSpec = z.strictObject({
  site: Name,
  /** Given to every device that joins with the token. */
  labels: Labels.default({}),
  /** How many devices may join. 100,000 is the largest fleet that one hub is meant for. */
  usesMax: z.int().min(1).max(100_000).default(1),
  /** A day by default; 90 days are the longest that a secret on paper should live. */
  expiresInSeconds: z.int().min(60).max(7_776_000).default(86_400),
  /** auto: joined is active. manual: a person approves each device first. */
  approval: z.enum(['auto', 'manual']).default('auto'),
})
export type JoinTokenSpec = z.infer<typeof JoinTokenSpec>

export const JoinToken = z.strictObject({
  id: JoinTokenId,
  site: Name,
  labels: Labels,
  usesMax: z.int().min(1),
  uses: z.int().min(0),
  approval: z.enum(['auto', 'manual']),
  createdAtMs: InstantMs,
  expiresAtMs: InstantMs,
  revokedAtMs: InstantMs.optional(),
})
export type JoinToken = z.infer<typeof JoinToken>

/** What the text of a join token holds: where the hub is, which CA must sign it, and the secret. */
export const JoinTokenContent = z.strictObject({
  v: z.literal(1),
  hub: z.url().max(300),
  /** SHA-256 of the CA certificate (DER), hexadecimal: the first connection is already authenticated. */
  ca: z.string().regex(/^[0-9a-f]{64}$/),
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
})
export type JoinTokenContent = z.infer<typeof JoinTokenContent>

/** 8 KiB hold a certificate request with any extensions; it is parsed before anything is stored. */
export const CertificateRequest = z.string().min(1).max(8_192)

export const JoinRequest = z.strictObject({
  secret: z.string().max(64),
  /** PEM. The key is made on the device and never leaves it; the same key joining again is the same device. */
  csr: CertificateRequest,
  /** The name that the device would like; the hub adds a suffix where it is taken. */
  name: Name.optional(),
  inventory: Inventory,
})
export type JoinRequest = z.infer<typeof JoinRequest>

const Joined = z.strictObject({
  status: z.literal('active'),
  deviceId: DeviceId,
  name: Name,
  /** PEM. */
  certificate: z.string(),
  /** PEM of the CA that signs hub and devices. */
  ca: z.string(),
  /** Public keys (PEM, SPKI) whose signatures on models the device trusts. */
  trustedKeys: z.array(z.string()).min(1).max(16),
  hubTimeMs: InstantMs,
})

/** pending: a person must approve; ask again with the same request, which changes nothing. */
export const JoinReply = z.discriminatedUnion('status', [
  Joined,
  z.strictObject({ status: z.literal('pending'), deviceId: DeviceId, name: Name, retryAfterMs: z.int().min(1_000) }),
])
export type JoinReply = z.infer<typeof JoinReply>
