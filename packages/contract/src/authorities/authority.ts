/**
 * Authorities: who signs the certificates of devices, and of the hub where nobody brings one. One signs; those before it are trusted until they are retired,
 * so that devices have time to renew; the next may be made an authority by the customer's own.
 */
import * as z from 'zod'
import { AuthorityId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'

/** own: it signed itself. issued: somebody else made it an authority. */
export const AuthorityKind = z.enum(['own', 'issued'])
export type AuthorityKind = z.infer<typeof AuthorityKind>

/**
 * requested: its key is made, and nobody has signed it. ready: it is signed, and signs nothing yet. active: it signs. trusted: it did, and what it signed
 * counts. retired: nothing of it counts.
 */
export const AuthorityState = z.enum(['requested', 'ready', 'active', 'trusted', 'retired'])
export type AuthorityState = z.infer<typeof AuthorityState>

/** Active, trusted and to be, together: each is one more that every handshake carries. */
export const AUTHORITIES_MAX = 8

/** A chain of six certificates with keys of RSA takes 15 kB. */
const CHAIN_MAX = 65_536

export const AuthorityChain = z.string().min(1).max(CHAIN_MAX)

export const Authority = z.strictObject({
  id: AuthorityId,
  kind: AuthorityKind,
  state: AuthorityState,
  subject: z.string().optional(),
  issuer: z.string().optional(),
  /** SHA-256 of its own certificate (DER), hex. */
  fingerprint: z.string().optional(),
  /** The same of the root above it, which is what devices and people pin. */
  rootFingerprint: z.string().optional(),
  notAfterMs: InstantMs.optional(),
  /** PEM: its own certificate, then whoever signed it, up to the root. */
  chainPem: z.string().optional(),
  /** PKCS #10 in PEM, for whoever is to sign it. */
  requestPem: z.string().optional(),
  /** How many devices show a certificate of it, as far as they have been seen. */
  devices: z.int().min(0),
  createdAtMs: InstantMs,
  activatedAtMs: InstantMs.optional(),
  retiredAtMs: InstantMs.optional(),
})
export type Authority = z.infer<typeof Authority>

export const AuthorityOverview = z.strictObject({
  /** The oldest first. */
  authorities: z.array(Authority),
  /** What devices, people and join tokens pin now. */
  pinned: z.strictObject({
    /** SHA-256 of that certificate (DER), hex. */
    fingerprint: z.string(),
    /** The one of `--tls-ca`; else the root of the oldest authority that counts. */
    isCustomers: z.boolean(),
  }),
  /** Join tokens that still count, and carry the fingerprint of then. */
  openTokens: z.int().min(0),
})
export type AuthorityOverview = z.infer<typeof AuthorityOverview>
