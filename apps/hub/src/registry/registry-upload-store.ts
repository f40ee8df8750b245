/** Registry uploads as records. Their bytes arrive as those of other uploads (blobs/blob-bytes.ts). */
import type { Repository } from '@skerry/contract/registry/registry'
import type { OrganisationId, UploadId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { RegistryUploadTable } from '../store/tables/registry/registry-tables.ts'

export type UploadKey = { organisationId: OrganisationId; repository: Repository; id: UploadId; nowMs: number }

/** The upload of an id; undefined if the repository has no valid one. */
export const findRegistryUpload = (
  db: Db,
  { organisationId, repository, id, nowMs }: UploadKey,
): Promise<RegistryUploadTable | undefined> =>
  db
    .selectFrom('registry_uploads')
    .selectAll()
    .where('id', '=', id)
    .where('organisation_id', '=', organisationId)
    .where('repository', '=', repository)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()

/** The number of open uploads of the organisation. */
export async function countRegistryUploads(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('registry_uploads')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return row.count
}

export async function insertRegistryUpload(tx: Tx, row: RegistryUploadTable): Promise<void> {
  await tx.insertInto('registry_uploads').values(row).execute()
}

/** The bytes count in the quota of the organisation while the upload is open. */
export async function reserveRegistryUpload(tx: Tx, id: UploadId, bytes: number): Promise<void> {
  await tx.updateTable('registry_uploads').set({ reserved_bytes: bytes }).where('id', '=', id).execute()
}

/** Deletes the upload; the next sweep removes its bytes. False if it was deleted already. */
export async function deleteRegistryUpload(tx: Tx, id: UploadId): Promise<boolean> {
  const gone = await tx.deleteFrom('registry_uploads').where('id', '=', id).returning('id').executeTakeFirst()
  return gone !== undefined
}

/** Deletes the expired uploads of all organisations. Returns their number. */
export async function deleteExpiredRegistryUploads(tx: Tx, nowMs: number): Promise<number> {
  const gone = await tx.deleteFrom('registry_uploads').where('expires_at_ms', '<=', nowMs).returning('id').execute()
  return gone.length
}
