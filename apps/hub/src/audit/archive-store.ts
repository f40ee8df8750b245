/** Archive store: what was removed from each trail, and how long the rest is kept at least. */
import { type AuditArchive, type AuditRetention, KEEP_DAYS_MIN } from '@skerry/contract/audit/audit-archive'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { AuditArchiveTable } from '../store/tables/audit-tables.ts'

type ArchivePage = { organisationId: OrganisationId; limit: number; after?: number | undefined }

/** In the order of the chain. */
export async function listArchives(db: Db, { organisationId, limit, after = 0 }: ArchivePage): Promise<AuditArchive[]> {
  const rows = await db
    .selectFrom('audit_archives')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()
  return rows.map(archiveOf)
}

/** What the living trail follows; undefined where it begins with its first record. */
export async function lastArchive(db: Db, organisationId: OrganisationId): Promise<AuditArchive | undefined> {
  const row = await db
    .selectFrom('audit_archives')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && archiveOf(row)
}

export async function insertArchive(tx: Tx, archive: AuditArchive): Promise<void> {
  const { organisationId, firstSequence, sequence, hash, digest, atMs, keyId, signature } = archive
  await tx
    .insertInto('audit_archives')
    .values({
      organisation_id: organisationId,
      first_sequence: firstSequence,
      sequence,
      hash,
      digest,
      at_ms: atMs,
      key_id: keyId,
      signature,
    })
    .execute()
}

const archiveOf = (row: AuditArchiveTable): AuditArchive => ({
  v: 1,
  organisationId: row.organisation_id,
  firstSequence: row.first_sequence,
  sequence: row.sequence,
  hash: row.hash,
  digest: row.digest,
  atMs: row.at_ms,
  keyId: row.key_id,
  signature: row.signature,
})

export async function findRetention(db: Db, organisationId: OrganisationId): Promise<AuditRetention> {
  const row = await db
    .selectFrom('audit_retention')
    .select('keep_days')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return { keepDays: row?.keep_days ?? KEEP_DAYS_MIN }
}

export async function putRetention(tx: Tx, organisationId: OrganisationId, { keepDays }: AuditRetention) {
  await tx
    .insertInto('audit_retention')
    .values({ organisation_id: organisationId, keep_days: keepDays })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet({ keep_days: keepDays }))
    .execute()
}
