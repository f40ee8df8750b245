/** Joining: how a computer becomes a device of an organisation. */
import * as z from 'zod'
import { SentInventory } from '../devices/device.ts'
import { CertificateEnvelope } from '../link/link-message.ts'
import { DeviceId, JoinTokenId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'

/** Addresses that belong together, such as 10.20.0.0/16 or 2001:db8::/32. */
export const Network = z.union([z.cidrv4(), z.cidrv6()], {
  error: 'must be a network such as 10.20.0.0/16 or 2001:db8::/32',
})

/** A site has a handful of networks. */
const NETWORKS_MAX = 32

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
  /** The networks from which a device may join, by the address that the hub sees; any if empty. */
  networks: z.array(Network).max(NETWORKS_MAX).default([]),
})
export type JoinTokenSpec = z.infer<typeof JoinTokenSpec>

export const JoinToken = z.strictObject({
  id: JoinTokenId,
  site: Name,
  labels: Labels,
  usesMax: z.int().min(1),
  uses: z.int().min(0),
  approval: z.enum(['auto', 'manual']),
  networks: z.array(z.string()),
  createdAtMs: InstantMs,
  expiresAtMs: InstantMs,
  revokedAtMs: InstantMs.optional(),
})
export type JoinToken = z.infer<typeof JoinToken>

/** The content of a join token: the hub's address, its CA, its signing key, and the secret. A newer hub may add fields. */
export const JoinTokenContent = z.object({
  v: z.literal(1),
  hub: z.url().max(300),
  /** SHA-256 of the CA certificate (DER), hexadecimal: the first connection is already authenticated. */
  ca: z.string().regex(/^[0-9a-f]{64}$/),
  /**
   * SHA-256 of the hub's first signing key (SPKI in PEM): a stolen TLS key is not enough to answer a device that joins.
   */
  signer: z.string().regex(/^[0-9a-f]{64}$/),
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
})
export type JoinTokenContent = z.infer<typeof JoinTokenContent>

/** 8 KiB hold a certificate request with any extensions; it is parsed before anything is stored. */
export const CertificateRequest = z.string().min(1).max(8_192)

/** The maker's serial number of the machine. The joining device states it and proves nothing. */
export const SerialNumber = z
  .string()
  .regex(/^[!-~]([ -~]{0,62}[!-~])?$/, 'must be 1 to 64 printable characters of ASCII')
export type SerialNumber = z.infer<typeof SerialNumber>

/** SHA-256 of a public key (SPKI in DER), hexadecimal: it identifies a device's key. */
export const KeyFingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in lower case')

export const JoinRequest = z.strictObject({
  secret: z.string().max(64),
  /** PEM. The key is made on the device and never leaves it; the same key joining again is the same device. */
  csr: CertificateRequest,
  /** The name that the device proposes; the hub adds a suffix if it is taken. */
  name: Name.optional(),
  serial: SerialNumber.optional(),
  inventory: SentInventory,
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
  /** By the key that the join token names. */
  envelope: CertificateEnvelope,
})

/** pending: a person must approve. The device repeats the same request, which changes nothing. */
export const JoinReply = z.discriminatedUnion('status', [
  Joined,
  z.strictObject({ status: z.literal('pending'), deviceId: DeviceId, name: Name, retryAfterMs: z.int().min(1_000) }),
])
export type JoinReply = z.infer<typeof JoinReply>

/** How a request stands out: the serial number belongs to a device that has joined with another key. */
const RequestNotice = z.enum(['serial-in-use'])

/** A device that waits for a person to let it in, with the known facts. Only `keyFingerprint` is proved. */
export const WaitingDevice = z.strictObject({
  id: DeviceId,
  name: Name,
  site: Name,
  labels: Labels,
  token: JoinTokenId,
  keyFingerprint: KeyFingerprint,
  serial: SerialNumber.optional(),
  hostname: z.string().optional(),
  machine: z.string().optional(),
  /** The address of its last request. */
  source: z.string().optional(),
  notice: RequestNotice.optional(),
  requestedAtMs: InstantMs,
  /** The time of its last request: waiting devices repeat it, and one that was switched off does not. */
  askedAtMs: InstantMs,
  /** When the request is forgotten unless somebody decides. */
  expiresAtMs: InstantMs,
})
export type WaitingDevice = z.infer<typeof WaitingDevice>

export const JoiningRules = z.strictObject({
  /** `always`: a person approves each device, whatever its token allows. */
  approval: z.enum(['by-token', 'always']),
  /**
   * For how many days after its end a device may still renew its certificate by its key; 0: a person joins it again.
   */
  lapsedDaysMax: z.int().min(0).max(3_650).default(365),
})
export type JoiningRules = z.infer<typeof JoiningRules>

/** A device whose certificate has ended requests another, with the same key. */
export const RejoinRequest = z.strictObject({
  /** PEM, the one that has ended. */
  certificate: z.string().min(1).max(8_192),
  /** PEM, signed by the same key. */
  csr: CertificateRequest,
})
export type RejoinRequest = z.infer<typeof RejoinRequest>

/** The requested certificate. The device keeps its old one unless the hub's signing key signed the reply. */
export const CertificateReply = z.object({ certificate: z.string(), envelope: CertificateEnvelope })
export type CertificateReply = z.infer<typeof CertificateReply>

export const RejoinReply = z.strictObject({ ...CertificateReply.shape, hubTimeMs: InstantMs })
export type RejoinReply = z.infer<typeof RejoinReply>
