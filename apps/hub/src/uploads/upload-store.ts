/** Upload store: blobs that are on their way here, as records. Their bytes are where blobs are kept (blob-bytes.ts). */
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId, UploadId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { UploadTable } from '../store/tables/foundation-tables.ts'

const uploads = (db: Db, organisationId: OrganisationId) =>
  db.selectFrom('uploads').selectAll().where('organisation_id', '=', organisationId)

/** The upload of an id; undefined where the organisation has none that still counts. */
export const findUpload = (
  db: Db,
  { organisationId, id, nowMs }: { organisationId: OrganisationId; id: UploadId; nowMs: number },
): Promise<UploadTable | undefined> =>
  uploads(db, organisationId).where('id', '=', id).where('expires_at_ms', '>', nowMs).executeTakeFirst()

/** The organisation's upload of the digest; expired ones count until they are swept. */
export const findUploadOf = (
  db: Db,
  organisationId: OrganisationId,
  digest: Digest,
): Promise<UploadTable | undefined> => uploads(db, organisationId).where('digest', '=', digest).executeTakeFirst()

/** How many uploads the organisation has open. */
export async function countUploads(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('uploads')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Adds an upload. */
export async function insertUpload(tx: Tx, row: UploadTable): Promise<void> {
  await tx.insertInto('uploads').values(row).execute()
}

/** Gives the upload time again. */
export async function extendUpload(tx: Tx, id: UploadId, expiresAtMs: number): Promise<void> {
  await tx.updateTable('uploads').set({ expires_at_ms: expiresAtMs }).where('id', '=', id).execute()
}

/** Forgets the upload; its bytes go with the next sweep. False where it was forgotten already. */
export async function deleteUpload(tx: Tx, id: UploadId): Promise<boolean> {
  const gone = await tx.deleteFrom('uploads').where('id', '=', id).returning('id').executeTakeFirst()
  return gone !== undefined
}

/** Uploads whose time is over, of all organisations. */
export const expiredUploads = (db: Db, nowMs: number): Promise<UploadTable[]> =>
  db.selectFrom('uploads').selectAll().where('expires_at_ms', '<=', nowMs).limit(100).execute()

/** The ids of all uploads, of all organisations: parts of others are rubbish. */
export async function uploadIds(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('uploads').select('id').execute()
  return new Set(rows.map(({ id }) => id))
}
