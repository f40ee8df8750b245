/**
 * Audit checkpoints: the hub's signed statement that an organisation's trail, up to this record, had this hash. A
 * person who keeps one elsewhere can detect that the trail was later cut, rolled back or written anew. This needs
 * neither the hub nor its database.
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
  /** The hash of that record. */
  hash: Digest,
  atMs: InstantMs,
  keyId: KeyHash,
  /** ECDSA on P-256 with SHA-256, DER. */
  signature: z.base64().min(1).max(1024),
})
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>

/**
 * A line of an export: a checkpoint stands right after the last record that it vouches for. If the trail no longer
 * begins with its first record, the archive of the earlier records stands first.
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
