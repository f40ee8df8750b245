/**
 * Model signatures as they are stored and sent: an OpenSSF Model Signing v1.0 statement in a DSSE envelope in a
 * Sigstore bundle v0.3. The Python package `model-signing` 1.x writes this file as `model.sig`
 * (github.com/sigstore/model-transparency, docs/model_signing_format.md). Only signatures by a key are described;
 * bundles with certificates or transparency-log entries are another trust model, and do not parse.
 */
import * as z from 'zod'

/** A version has a model, its external data and a few side files; ten thousand leaves room for sharded weights. */
export const SIGNED_RESOURCES_MAX = 10_000

/** Ten thousand resources of 300 bytes each, in base64, with room to spare; nothing larger is a signature. */
export const SIGNATURE_BASE64_MAX = 8_000_000

export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json'
export const IN_TOTO_STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const MODEL_PREDICATE_TYPE = 'https://model_signing/signature/v1.0'

/**
 * [sigstore_bundle.proto, Bundle] `hint` identifies the key: model-signing puts the sha256 of the key's SPKI PEM there,
 * in hex.
 */
export const SigstoreBundle = z.strictObject({
  mediaType: z.literal(BUNDLE_MEDIA_TYPE),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({ hint: z.string().regex(/^[0-9a-f]{64}$/) }),
    // Skerry does not check log entries, and an unchecked one would only look like proof. proto3 JSON may leave an
    // empty list out.
    tlogEntries: z.array(z.never()).max(0).optional(),
    // Sigstore's library for JavaScript writes it, empty.
    timestampVerificationData: z.strictObject({ rfc3161Timestamps: z.array(z.never()).max(0).optional() }).optional(),
  }),
  dsseEnvelope: z.strictObject({
    payload: z.base64().min(1).max(SIGNATURE_BASE64_MAX),
    payloadType: z.literal(IN_TOTO_PAYLOAD_TYPE),
    // [sigstore_bundle.proto, Bundle.dsse_envelope] Exactly one signature in the envelope.
    signatures: z
      .array(z.strictObject({ sig: z.base64().min(1).max(1024), keyid: z.string().max(1024).optional() }))
      .length(1),
  }),
})
export type SigstoreBundle = z.infer<typeof SigstoreBundle>

const Hex256 = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * [model_signing/_signing/signing.py, Payload] The statement that is signed. Verifiers must ignore predicate fields
 * that v1.0 does not name.
 */
export const ModelStatement = z.object({
  _type: z.literal(IN_TOTO_STATEMENT_TYPE),
  subject: z.array(z.object({ name: z.string().min(1).max(512), digest: z.object({ sha256: Hex256 }) })).length(1),
  predicateType: z.literal(MODEL_PREDICATE_TYPE),
  predicate: z.object({
    serialization: z.object({
      method: z.literal('files'),
      hash_type: z.literal('sha256'),
      allow_symlinks: z.boolean(),
      ignore_paths: z.array(z.string()).optional(),
    }),
    resources: z
      .array(z.object({ name: z.string().min(1).max(1024), algorithm: z.literal('sha256'), digest: Hex256 }))
      .min(1)
      .max(SIGNED_RESOURCES_MAX),
    // Our own field. It is not parsed here: a device must accept the files of a newer hub, which has further fields of
    // lineage.
    skerry_lineage: z.unknown().optional(),
    // The same: the origin of the expected outputs.
    skerry_golden_source: z.unknown().optional(),
  }),
})
export type ModelStatement = z.infer<typeof ModelStatement>
