/**
 * Audit checkpoints: the hub's signed word that an organisation's trail, up to this record, had this hash. Whoever keeps one elsewhere finds
 * out whether the trail was later cut, rolled back or written anew, and needs neither the hub nor its database to do so.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { OrganisationId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'
import { AuditRecord } from './audit.ts'
import { AuditArchive } from './audit-archive.ts'

export const AUDIT_CHECKPOINT_PAYLOAD_TYPE = 'application/vnd.skerry.audit-checkpoint.v1+json'

/** [model_signing] A key is called by the sha256 of its SPKI in PEM, in hex. */
const KeyHash = z.string().regex(/^[0-9a-f]{64}$/)

/** Signed is the canonical JSON of all fields but the signature, as a DSSE payload of the type above. */
export const AuditCheckpoint = z.strictObject({
  v: z.literal(1),
  organisationId: OrganisationId,
  /** The last record that it vouches for, and all before. */
  sequence: z.int().min(1),
  /** Of that record. */
  hash: Digest,
  atMs: InstantMs,
  keyId: KeyHash,
  /** ECDSA on P-256 with SHA-256, DER. */
  signature: z.base64().min(1).max(1024),
})
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>

/**
 * A line of an export: a checkpoint stands right after the last record that it vouches for. Where the trail no longer begins with its first
 * record, the archive that has what was before stands first.
 */
export const AuditLine = z.union([
  AuditRecord,
  z.strictObject({ checkpoint: AuditCheckpoint }),
  z.strictObject({ archive: AuditArchive }),
])
export type AuditLine = z.infer<typeof AuditLine>

/** A public key (PEM, SPKI) that checkpoints are signed with. */
export const AuditKey = z.strictObject({ keyId: KeyHash, publicKeyPem: z.string().max(1024), createdAtMs: InstantMs })
export type AuditKey = z.infer<typeof AuditKey>
