/** Upload store: incoming blobs as records. Their bytes are in the store of blobs (blob-bytes.ts). */
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId, UploadId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { UploadTable } from '../store/tables/foundation-tables.ts'

const uploads = (db: Db, organisationId: OrganisationId) =>
  db.selectFrom('uploads').selectAll().where('organisation_id', '=', organisationId)

/** The upload of an id; undefined if the organisation has no valid one. */
export const findUpload = (
  db: Db,
  { organisationId, id, nowMs }: { organisationId: OrganisationId; id: UploadId; nowMs: number },
): Promise<UploadTable | undefined> =>
  uploads(db, organisationId).where('id', '=', id).where('expires_at_ms', '>', nowMs).executeTakeFirst()

/** The organisation's upload of the digest; an expired one counts until the sweep. */
export const findUploadOf = (
  db: Db,
  organisationId: OrganisationId,
  digest: Digest,
): Promise<UploadTable | undefined> => uploads(db, organisationId).where('digest', '=', digest).executeTakeFirst()

/** The number of open uploads of the organisation. */
export async function countUploads(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('uploads')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return row.count
}

export async function insertUpload(tx: Tx, row: UploadTable): Promise<void> {
  await tx.insertInto('uploads').values(row).execute()
}

/** Extends the life of the upload. */
export async function extendUpload(tx: Tx, id: UploadId, expiresAtMs: number): Promise<void> {
  await tx.updateTable('uploads').set({ expires_at_ms: expiresAtMs }).where('id', '=', id).execute()
}

/** Deletes the upload; the next sweep removes its bytes. False if it was deleted already. */
export async function deleteUpload(tx: Tx, id: UploadId): Promise<boolean> {
  const gone = await tx.deleteFrom('uploads').where('id', '=', id).returning('id').executeTakeFirst()
  return gone !== undefined
}

/** Expired uploads of all organisations. */
export const expiredUploads = (db: Db, nowMs: number): Promise<UploadTable[]> =>
  db.selectFrom('uploads').selectAll().where('expires_at_ms', '<=', nowMs).limit(100).execute()

/** The ids of all uploads, of all organisations: parts of other uploads are unused. */
export async function uploadIds(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('uploads').select('id').execute()
  const pushed = await db.selectFrom('registry_uploads').select('id').execute()
  return new Set([...rows, ...pushed].map(({ id }) => id))
}
