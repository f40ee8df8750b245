/** Audit signature: checkpoints and archives of the audit trail, signed as the payload of a DSSE envelope is, with a key of their own. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { AUDIT_ARCHIVE_PAYLOAD_TYPE, type AuditArchive } from '@skerry/contract/audit/audit-archive'
import { AUDIT_CHECKPOINT_PAYLOAD_TYPE, type AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { KeyPair } from '../certificates/private-key.ts'
import { hashFor, preAuthenticationEncoding, signingKeyId } from './dsse.ts'

/** Signs that a trail had this hash at this record. */
export const signCheckpoint = (
  { organisationId, sequence, hash, atMs }: Omit<AuditCheckpoint, 'v' | 'keyId' | 'signature'>,
  pair: KeyPair,
): AuditCheckpoint => signed(AUDIT_CHECKPOINT_PAYLOAD_TYPE, { organisationId, sequence, hash, atMs }, pair)

/** Signs that these records are in the file with this digest, and may go. */
export const signArchive = (
  { organisationId, firstSequence, sequence, hash, digest, atMs }: Omit<AuditArchive, 'v' | 'keyId' | 'signature'>,
  pair: KeyPair,
): AuditArchive =>
  signed(AUDIT_ARCHIVE_PAYLOAD_TYPE, { organisationId, firstSequence, sequence, hash, digest, atMs }, pair)

/** Gives what is wrong with a checkpoint's signature, if anything; the keys (PEM, SPKI) are read once. Throws for what is no such key. */
export const checkpointVerifier = (trustedKeys: readonly string[]) =>
  verifier<AuditCheckpoint>(AUDIT_CHECKPOINT_PAYLOAD_TYPE, trustedKeys)

/** The same for archives. */
export const archiveVerifier = (trustedKeys: readonly string[]) =>
  verifier<AuditArchive>(AUDIT_ARCHIVE_PAYLOAD_TYPE, trustedKeys)

function signed<Content extends object>(type: string, statement: Content, { privateKeyPem, publicKeyPem }: KeyPair) {
  const content = { v: 1 as const, ...statement, keyId: signingKeyId(publicKeyPem) }
  const key = createPrivateKey(privateKeyPem)
  return { ...content, signature: sign(hashFor(key), signedBytes(type, content), key).toString('base64') }
}

function verifier<Statement extends { keyId: string; signature: string }>(
  type: string,
  trustedKeys: readonly string[],
) {
  const keys = new Map<string, KeyObject>(trustedKeys.map((pem) => [signingKeyId(pem), createPublicKey(pem)]))
  for (const key of keys.values()) hashFor(key)
  return ({ signature, ...content }: Statement): string | undefined => {
    const key = keys.get(content.keyId)
    if (!key) return `it is signed by the key ${content.keyId}, which is not trusted`
    const isGenuine = verify(hashFor(key), signedBytes(type, content), key, Buffer.from(signature, 'base64'))
    return isGenuine ? undefined : 'its signature does not fit it; one of them was changed'
  }
}

const signedBytes = (type: string, content: object) =>
  preAuthenticationEncoding(type, Buffer.from(canonicalJson(content)))
