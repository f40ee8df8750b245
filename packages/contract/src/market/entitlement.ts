/**
 * Entitlement: a publisher's signed statement that an organisation may run a listing on so many devices until a time.
 * The hub checks it without a connection. It decides about new installations and upgrades only: nothing that runs is
 * ever stopped.
 */
import * as z from 'zod'
import { SIGNATURES_MAX, SigningKeyId } from '../models/trust.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'
import { ShortName } from './listing.ts'

/** It differs from the types of an index and a submission, so that none passes for another. */
export const ENTITLEMENT_PAYLOAD_TYPE = 'application/vnd.skerry.entitlement+json'

/** More than one for each listing that people install. */
export const ENTITLEMENTS_MAX = 1_000

/** An extension that takes longer is a new entitlement. */
export const GRACE_DAYS_MAX = 90

export const EntitlementStatement = z.strictObject({
  v: z.literal(1),
  /** The name of the organisation on its hub. */
  tenant: Name,
  listing: ShortName,
  devices: z.int().min(1).max(1_000_000),
  issuedAtMs: InstantMs,
  /** Absent for ever. */
  untilMs: InstantMs.optional(),
  /** The days after its end in which upgrades still go on. */
  graceDays: z.int().min(0).max(GRACE_DAYS_MAX),
  /** A hub takes one trial of a listing, once. */
  trial: z.boolean(),
})
export type EntitlementStatement = z.infer<typeof EntitlementStatement>

export const EntitlementEnvelope = z.strictObject({
  payload: z
    .base64()
    .min(1)
    .max(8 * 1_024),
  payloadType: z.literal(ENTITLEMENT_PAYLOAD_TYPE),
  signatures: z
    .array(z.strictObject({ sig: z.base64().min(1).max(1_024), keyid: SigningKeyId }))
    .min(1)
    .max(SIGNATURES_MAX),
})
export type EntitlementEnvelope = z.infer<typeof EntitlementEnvelope>

/** `ending` begins 30 days before the end. */
export const EntitlementState = z.enum(['valid', 'ending', 'grace', 'ended', 'untrusted'])
export type EntitlementState = z.infer<typeof EntitlementState>

export const Entitlement = z.strictObject({
  digest: Digest,
  listing: Name,
  devices: z.int().min(1),
  untilMs: InstantMs.optional(),
  graceDays: z.int().min(0),
  trial: z.boolean(),
  keyId: SigningKeyId,
  addedAtMs: InstantMs,
  addedBy: z.string(),
  state: EntitlementState,
  /** A sentence 30, 7 and 1 days before its end, and after it. */
  notice: z.string().max(300).optional(),
})
export type Entitlement = z.infer<typeof Entitlement>

/** A period in which a device needs no entitlement. It has one for each listing, once. */
export const EmergencyPeriod = z.strictObject({
  listing: Name,
  device: Name,
  beganAtMs: InstantMs,
  untilMs: InstantMs,
  beganBy: z.string(),
  reason: z.string().max(500),
})
export type EmergencyPeriod = z.infer<typeof EmergencyPeriod>
