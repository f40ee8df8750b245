/**
 * Trust: whose signatures on models count in an organisation. Its hub's own keys, of which one signs and others did; keys of publishers; and rules that say
 * which models need the signatures of which of them. Devices get it as a document that the hub's first key signs, and judge by it themselves.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { OrganisationId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { SigstoreBundle } from './signature.ts'

/** SHA-256 of the key's SPKI in PEM, hex: what a bundle names as `hint` [model_signing, _get_verification_material]. */
export const SigningKeyId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be the fingerprint of a key, 64 of 0-9 and a-f')
  .brand<'SigningKeyId'>()
export type SigningKeyId = z.infer<typeof SigningKeyId>

/** A key a year for ten years, and a dozen publishers; all of them are in the document of every device. */
export const SIGNING_KEYS_MAX = 32
export const TRUST_RULES_MAX = 64

/** Whoever needs the word of more has a process, not a signature. */
export const SIGNATURES_MAX = 8

/** An elliptic-curve key in PEM takes 180 to 270 bytes. */
export const PublicKeyPem = z
  .string()
  .max(1_000)
  .regex(
    /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/,
    'must be a public key, SPKI in PEM',
  )

/**
 * active: signs, or may sign, what is new. retired: signs nothing new, and what it signed stays good. revoked: nothing that it signed is taken any more.
 */
export const SigningKeyState = z.enum(['active', 'retired', 'revoked'])
export type SigningKeyState = z.infer<typeof SigningKeyState>

export const SigningKey = z.strictObject({
  keyId: SigningKeyId,
  name: Name,
  /** hub: made and kept by the hub. publisher: somebody else's, of which the hub knows the public half. */
  kind: z.enum(['hub', 'publisher']),
  state: SigningKeyState,
  publicKeyPem: PublicKeyPem,
  /** Versions that carry a signature of it now. */
  versions: z.int().min(0),
  createdAtMs: InstantMs.optional(),
  createdBy: z.string().optional(),
  changedAtMs: InstantMs.optional(),
  changedBy: z.string().optional(),
  reason: z.string().optional(),
})
export type SigningKey = z.infer<typeof SigningKey>

/** A name of a model, in which `*` stands for any characters. */
export const ModelPattern = z.string().regex(/^[a-z0-9*-]{1,63}$/, 'must be a name, or one with * such as press-*')

export const TrustRule = z.strictObject({
  models: ModelPattern,
  keys: z.array(SigningKeyId).min(1).max(SIGNING_KEYS_MAX),
  /** So many of them must have signed. */
  signatures: z.int().min(1).max(SIGNATURES_MAX).default(1),
})
export type TrustRule = z.infer<typeof TrustRule>

/** Every rule whose pattern fits must be met. A model that none fits needs the hub's own signature, as every one does. */
export const TrustRules = z
  .array(TrustRule)
  .max(TRUST_RULES_MAX)
  .refine(
    (rules) => rules.every(({ keys, signatures }) => signatures <= new Set(keys).size),
    'a rule wants more signatures than it names keys',
  )

export const TrustPolicy = z.strictObject({
  rules: TrustRules,
  /** Rises with each change of keys or rules; 0 where nothing was ever changed. */
  revision: z.int().min(0),
  updatedAtMs: InstantMs.optional(),
  updatedBy: z.string().optional(),
})
export type TrustPolicy = z.infer<typeof TrustPolicy>

export const Reason = z.string().trim().min(1).max(500)

/** Signatures of publishers that come with a version. */
export const ExtraSignatures = z.array(SigstoreBundle).max(SIGNATURES_MAX)

export const TRUST_PAYLOAD_TYPE = 'application/vnd.skerry.trust+json'

/** What the hub tells its devices. Not strict: a later hub may say more. */
export const TrustDocument = z.object({
  v: z.literal(1),
  organisationId: OrganisationId,
  /** A device takes no lower one than it has. */
  revision: z.int().min(1),
  keys: z
    .array(
      z.object({
        kind: z.enum(['hub', 'publisher']),
        state: SigningKeyState,
        keyId: SigningKeyId,
        publicKeyPem: PublicKeyPem,
      }),
    )
    .max(SIGNING_KEYS_MAX + 1),
  rules: z.array(TrustRule).max(TRUST_RULES_MAX),
})
export type TrustDocument = z.infer<typeof TrustDocument>

/** The document, signed [DSSE v1.0.0] by the key that the device learned when it joined. */
export const TrustEnvelope = z.object({
  payload: z.base64().min(1).max(400_000),
  payloadType: z.literal(TRUST_PAYLOAD_TYPE),
  signatures: z.array(z.object({ sig: z.base64().min(1).max(1_024), keyid: z.string().max(1_024) })).length(1),
})
export type TrustEnvelope = z.infer<typeof TrustEnvelope>

/** What a version's signatures say, by the rules of now. */
export const VersionTrust = z.strictObject({
  digest: Digest,
  signatures: z.array(
    z.strictObject({
      keyId: SigningKeyId,
      name: Name.optional(),
      state: SigningKeyState.optional(),
      addedAtMs: InstantMs,
      addedBy: z.string(),
    }),
  ),
  /** Why no device would begin with it; absent where it is trusted. */
  problem: z.strictObject({ code: z.string(), message: z.string() }).optional(),
})
export type VersionTrust = z.infer<typeof VersionTrust>
