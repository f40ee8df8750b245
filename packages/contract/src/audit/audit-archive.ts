/**
 * Audit archives: the beginning of a trail may be taken out of the database once it lies in a file. What is removed is named by the hub's signed
 * word, which stays for ever: the living trail is proven from there on, and the file by its digest.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { OrganisationId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'

export const AUDIT_ARCHIVE_PAYLOAD_TYPE = 'application/vnd.skerry.audit-archive.v1+json'

/** Signed as a checkpoint is, as a payload of the type above: neither can stand for the other. */
export const AuditArchive = z.strictObject({
  v: z.literal(1),
  organisationId: OrganisationId,
  /** The first and the last record in it: the first one follows the archive before. */
  firstSequence: z.int().min(1),
  sequence: z.int().min(1),
  /** Of the last record. */
  hash: Digest,
  /** Of the file: its lines are what an export has for these records. */
  digest: Digest,
  /** When the hub was asked to remove them. */
  atMs: InstantMs,
  /** [model_signing] Of the key, as a checkpoint has it. */
  keyId: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.base64().min(1).max(1024),
})
export type AuditArchive = z.infer<typeof AuditArchive>

/** [AI Act 19 (1), 26 (6)] At least six months, of which the longest have 184 days. The database itself refuses less. */
export const KEEP_DAYS_MIN = 184

export const AuditRetention = z.strictObject({
  /** No record that is younger is ever removed. A century is for ever. */
  keepDays: z.int().min(KEEP_DAYS_MIN).max(36_525),
})
export type AuditRetention = z.infer<typeof AuditRetention>

/** In one archive: the hub hashes so many again within some 20 s, while whoever asked waits. */
export const ARCHIVE_RECORDS_MAX = 500_000
