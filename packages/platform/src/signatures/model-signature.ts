/**
 * Model signature: signs and verifies the files of a model version in the format of OpenSSF Model Signing v1.0, so that
 * `model_signing verify key` (the Python package) accepts ours and we accept its key signatures.
 *
 *     bundle (Sigstore v0.3) ─ DSSE envelope ─ in-toto Statement v1
 *         ─ predicate { serialization, resources [{ name, digest }] }
 *
 * Sources: github.com/sigstore/model-transparency,
 * src/model_signing/_signing/{signing,sign_ec_key,sign_sigstore_pb}.py [MS];
 * github.com/secure-systems-lab/dsse, protocol.md v1.0.0 [DSSE].
 */
import { createHash } from 'node:crypto'
import { Lineage } from '@skerry/contract/deployments/lineage'
import { GoldenSource } from '@skerry/contract/devices/golden'
import {
  IN_TOTO_STATEMENT_TYPE,
  MODEL_PREDICATE_TYPE,
  ModelStatement,
  type SigstoreBundle,
} from '@skerry/contract/models/signature'
import type { Digest } from '@skerry/contract/values/digest'
import { hexOf } from '../files/hash.ts'
import { type BundleProblem, openBundlePayload, signBundle } from './sigstore-bundle.ts'

/** One file of the model: its path below the model's folder, with `/`. */
export type SignedResource = { path: string; digest: Digest }

/**
 * The signed content, or the expected one: the name ties the files to one version, so that a good signature cannot be
 * put on another.
 */
export type SignedModel = { name: string; resources: readonly SignedResource[] }

type SignatureProblem = BundleProblem | 'signature_mismatch'

export type SignatureVerdict =
  | {
      ok: true
      keyId: string
      name: string
      /** The lineage in the signed statement; undefined if there is none, or none that is known here. */
      lineage: Lineage | undefined
      /** The same for the origin of the expected outputs. */
      goldenSource: GoldenSource | undefined
    }
  | { ok: false; code: SignatureProblem; message: string }

type ToSign = SignedModel & {
  /** The lineage of the model: signed with the files, as a field that other verifiers ignore. */
  lineage?: Lineage
  /** The origin of the expected outputs: a field of the same sort. */
  goldenSource?: GoldenSource | undefined
  privateKeyPem: string
}

/** Signs the model with an elliptic-curve key (PEM). Two resources of one path throw: no model has them. */
export function signModel({ privateKeyPem, ...signed }: ToSign): SigstoreBundle {
  return signBundle(Buffer.from(JSON.stringify(statementOf(signed))), privateKeyPem)
}

/**
 * Whether `bundle` (as parsed from JSON; undefined when there is none) is a signature by one of the trusted keys (PEM,
 * SPKI) over exactly these files under exactly this name. The payload is not trusted, or even parsed, before its
 * signature is verified.
 */
export function verifyModel(bundle: unknown, trustedKeys: readonly string[], expected: SignedModel): SignatureVerdict {
  const opened = openBundle(bundle, trustedKeys)
  if (!opened.ok) return opened
  const { statement, keyId } = opened
  const [signed] = statement.subject
  if (signed?.name !== expected.name) {
    return refuse('signature_mismatch', `the signature is for ${signed?.name}, not for ${expected.name}`)
  }
  return verdictOn(statement, keyId, expected.resources)
}

/** The same, under whatever name: a publisher signs files, and does not know which number they will get. */
export function verifyFiles(
  bundle: unknown,
  trustedKeys: readonly string[],
  resources: readonly SignedResource[],
): SignatureVerdict {
  const opened = openBundle(bundle, trustedKeys)
  return opened.ok ? verdictOn(opened.statement, opened.keyId, resources) : opened
}

type OpenedModel = { ok: true; statement: ModelStatement; keyId: string } | Extract<SignatureVerdict, { ok: false }>

function openBundle(bundle: unknown, trustedKeys: readonly string[]): OpenedModel {
  const opened = openBundlePayload(bundle, trustedKeys)
  if (!opened.ok) return opened
  const { payload, keyId } = opened
  const statement = parseStatement(payload)
  if (!statement) return refuse('signature_invalid', 'the payload is not a statement of OpenSSF Model Signing v1.0')
  return { ok: true, statement, keyId }
}

function verdictOn(statement: ModelStatement, keyId: string, resources: readonly SignedResource[]): SignatureVerdict {
  const mismatch = findMismatch(statement, resources)
  if (mismatch) return refuse('signature_mismatch', mismatch)
  const lineage = Lineage.safeParse(statement.predicate.skerry_lineage).data
  return { ok: true, keyId, name: statement.subject[0]?.name ?? '', lineage, goldenSource: goldenSourceIn(statement) }
}

/**
 * The origin of the expected outputs that the statement in a bundle names. It verifies nothing: it is for the hub's own
 * records.
 */
export function statedGoldenSource({ dsseEnvelope }: SigstoreBundle): GoldenSource | undefined {
  const statement = parseStatement(Buffer.from(dsseEnvelope.payload, 'base64'))
  return statement && goldenSourceIn(statement)
}

const goldenSourceIn = ({ predicate }: ModelStatement) => GoldenSource.safeParse(predicate.skerry_golden_source).data

function statementOf({ name, resources, lineage, goldenSource }: Omit<ToSign, 'privateKeyPem'>): ModelStatement {
  const entries = resources
    .toSorted(byPath)
    .map(({ path, digest }) => ({ name: path, algorithm: 'sha256' as const, digest: hexOf(digest) }))
  if (new Set(entries.map((entry) => entry.name)).size < entries.length)
    throw new Error('two resources have the same path')
  return ModelStatement.parse({
    _type: IN_TOTO_STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: rootDigest(entries) } }],
    predicateType: MODEL_PREDICATE_TYPE,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [] },
      resources: entries,
      ...(lineage && { skerry_lineage: lineage }),
      ...(goldenSource && { skerry_golden_source: goldenSource }),
    },
  })
}

/** [MS, Payload] The subject's digest is the sha256 over the raw digests of all resources, in the order of the list. */
function rootDigest(entries: readonly { digest: string }[]): string {
  const hash = createHash('sha256')
  for (const { digest } of entries) hash.update(digest, 'hex')
  return hash.digest('hex')
}

function parseStatement(payload: Uint8Array): ModelStatement | undefined {
  try {
    return ModelStatement.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** In words, the first way in which the signed statement is not about these files; undefined when it is. */
function findMismatch(
  { subject, predicate }: ModelStatement,
  resources: readonly SignedResource[],
): string | undefined {
  if (subject[0]?.digest.sha256 !== rootDigest(predicate.resources))
    return 'the digest over all files does not fit the files listed'
  const digests = new Map(predicate.resources.map((entry) => [entry.name, entry.digest]))
  if (digests.size < predicate.resources.length) return 'the signature lists one file twice'
  for (const { path, digest } of resources) {
    const signedDigest = digests.get(path)
    if (signedDigest === undefined) return `the file ${path} is not covered by the signature`
    if (signedDigest !== hexOf(digest)) return `the file ${path} differs from the signed one`
  }
  const present = new Set(resources.map(({ path }) => path))
  const missing = predicate.resources.find((entry) => !present.has(entry.name))
  return missing && `the signed file ${missing.name} is missing`
}

/**
 * [MS, Manifest.resource_descriptors] Python sorts paths by their parts, and text by code points, which is the order of
 * UTF-8.
 */
function byPath(left: SignedResource, right: SignedResource): number {
  const a = left.path.split('/')
  const b = right.path.split('/')
  const differs = a.findIndex((part, index) => part !== b[index])
  if (differs === -1) return a.length - b.length
  return Buffer.compare(Buffer.from(a[differs] ?? ''), Buffer.from(b[differs] ?? ''))
}

const refuse = (code: SignatureProblem, message: string): Extract<SignatureVerdict, { ok: false }> => ({
  ok: false,
  code,
  message,
})
