/**
 * Model signature: signs and verifies the files of a model version in the format of OpenSSF Model Signing v1.0, so that
 * `model_signing verify key` (the Python package) accepts ours and we accept its key signatures.
 *
 *     bundle (Sigstore v0.3) ─ DSSE envelope ─ in-toto Statement v1 ─ predicate { serialization, resources [{ name, digest }] }
 *
 * Sources: github.com/sigstore/model-transparency, src/model_signing/_signing/{signing,sign_ec_key,sign_sigstore_pb}.py [MS];
 * github.com/secure-systems-lab/dsse, protocol.md v1.0.0 [DSSE].
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Digest } from '@skerry/contract/digest'
import {
  BUNDLE_MEDIA_TYPE,
  IN_TOTO_PAYLOAD_TYPE,
  IN_TOTO_STATEMENT_TYPE,
  MODEL_PREDICATE_TYPE,
  ModelStatement,
  SigstoreBundle,
} from '@skerry/contract/signature'
import { hexOf } from './hash.ts'
import { keyPairOf } from './private-key.ts'

/** One file of the model: its path below the model's folder, with `/`. */
export type SignedResource = { path: string; digest: Digest }

/** What is signed, or should be: the name ties the files to one version, so that a good signature cannot be put on another. */
export type SignedModel = { name: string; resources: readonly SignedResource[] }

export type SignatureProblem = 'signature_missing' | 'signature_invalid' | 'signature_untrusted' | 'signature_mismatch'

export type SignatureVerdict =
  | { ok: true; keyId: string; name: string }
  | { ok: false; code: SignatureProblem; message: string }

/** [MS, get_ec_key_hash] The hash goes with the curve. */
const HASH_OF_CURVE = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' } as const

/** [MS, _get_verification_material] A key is called by the sha256 of its SPKI in PEM, final newline included, in hex. */
export function signingKeyId(publicKeyPem: string): string {
  const pem = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'pem' })
  return createHash('sha256').update(pem).digest('hex')
}

/** Signs the model with an elliptic-curve key (PEM). Two resources of one path throw: there is no model like that. */
export function signModel({ name, resources, privateKeyPem }: SignedModel & { privateKeyPem: string }): SigstoreBundle {
  const { publicKeyPem } = keyPairOf(privateKeyPem)
  const payload = Buffer.from(JSON.stringify(statementOf(name, resources)))
  const signature = sign(hashFor(createPublicKey(publicKeyPem)), preAuthenticationEncoding(payload), privateKeyPem)
  return {
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: signingKeyId(publicKeyPem) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: IN_TOTO_PAYLOAD_TYPE,
      signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  }
}

/**
 * Whether `bundle` (as parsed from JSON; undefined when there is none) is a signature by one of the trusted keys (PEM, SPKI) over exactly
 * these files under exactly this name. Nothing of the payload is believed, or even parsed, before the signature over it holds.
 */
export function verifyModel(bundle: unknown, trustedKeys: readonly string[], expected: SignedModel): SignatureVerdict {
  if (bundle === undefined || bundle === null)
    return refuse('signature_missing', 'there is no signature; sign the version')
  const parsed = SigstoreBundle.safeParse(bundle)
  if (!parsed.success)
    return refuse('signature_invalid', `this is no model signature by a key: ${parsed.error.issues[0]?.message}`)

  const { verificationMaterial, dsseEnvelope } = parsed.data
  const keyId = verificationMaterial.publicKey.hint
  const trusted = trustedKeys.find((pem) => signingKeyId(pem) === keyId)
  if (!trusted)
    return refuse(
      'signature_untrusted',
      `it is signed by the key ${keyId}, which is not trusted here; add it, or sign again`,
    )

  const payload = Buffer.from(dsseEnvelope.payload, 'base64')
  const signature = Buffer.from(dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
  const key = createPublicKey(trusted)
  if (!verify(hashFor(key), preAuthenticationEncoding(payload), key, signature)) {
    return refuse('signature_invalid', 'the signature does not fit its payload; one of them was changed')
  }
  const statement = parseStatement(payload)
  if (!statement) return refuse('signature_invalid', 'the payload is not a statement of OpenSSF Model Signing v1.0')
  const mismatch = findMismatch(statement, expected)
  return mismatch ? refuse('signature_mismatch', mismatch) : { ok: true, keyId, name: expected.name }
}

function statementOf(name: string, resources: readonly SignedResource[]): ModelStatement {
  const entries = resources
    .toSorted(byPath)
    .map(({ path, digest }) => ({ name: path, algorithm: 'sha256' as const, digest: hexOf(digest) }))
  if (new Set(entries.map((entry) => entry.name)).size < entries.length) throw new Error('two resources have one path')
  return ModelStatement.parse({
    _type: IN_TOTO_STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: rootDigest(entries) } }],
    predicateType: MODEL_PREDICATE_TYPE,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [] },
      resources: entries,
    },
  })
}

/** [MS, Payload] The subject's digest is the sha256 over the raw digests of all resources, in the order of the list. */
function rootDigest(entries: readonly { digest: string }[]): string {
  const hash = createHash('sha256')
  for (const { digest } of entries) hash.update(digest, 'hex')
  return hash.digest('hex')
}

/** [DSSE, signature definition] PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in bytes. */
function preAuthenticationEncoding(payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${IN_TOTO_PAYLOAD_TYPE.length} ${IN_TOTO_PAYLOAD_TYPE} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

function parseStatement(payload: Uint8Array): ModelStatement | undefined {
  try {
    return ModelStatement.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** In words, the first way in which the signed statement is not about the expected model; undefined when it is. */
function findMismatch({ subject, predicate }: ModelStatement, expected: SignedModel): string | undefined {
  const [signed] = subject
  if (signed?.name !== expected.name) return `the signature is for ${signed?.name}, not for ${expected.name}`
  if (signed.digest.sha256 !== rootDigest(predicate.resources))
    return 'the digest over all files does not fit the files listed'
  const digests = new Map(predicate.resources.map((entry) => [entry.name, entry.digest]))
  if (digests.size < predicate.resources.length) return 'the signature lists one file twice'
  for (const { path, digest } of expected.resources) {
    const signedDigest = digests.get(path)
    if (signedDigest === undefined) return `the file ${path} is not covered by the signature`
    if (signedDigest !== hexOf(digest)) return `the file ${path} is another than the one that was signed`
  }
  const present = new Set(expected.resources.map(({ path }) => path))
  const missing = predicate.resources.find((entry) => !present.has(entry.name))
  return missing && `the file ${missing.name} was signed and is missing`
}

/** [MS, Manifest.resource_descriptors] Python sorts paths by their parts, and text by code points, which is the order of UTF-8. */
function byPath(left: SignedResource, right: SignedResource): number {
  const [a, b] = [left.path.split('/'), right.path.split('/')]
  const differs = a.findIndex((part, index) => part !== b[index])
  if (differs === -1) return a.length - b.length
  return Buffer.compare(Buffer.from(a[differs] ?? ''), Buffer.from(b[differs] ?? ''))
}

function hashFor(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'prime256v1' || curve === 'secp384r1' || curve === 'secp521r1') return HASH_OF_CURVE[curve]
  throw new Error(`models are signed with elliptic-curve keys, not ${curve ?? key.asymmetricKeyType}`)
}

const refuse = (code: SignatureProblem, message: string): SignatureVerdict => ({ ok: false, code, message })
