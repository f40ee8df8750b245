/** Blob store: which organisation holds which blob. The bytes lie in the blob folder, once for all. */
import type { Digest } from '@skerry/contract/digest'
import type { OrganisationId } from '@skerry/contract/ids'
import type { BlobTable } from '../store/foundation-tables.ts'
import type { Db, Tx } from '../store/store.ts'

/** The organisation's record of the blob; undefined where it has none, whoever else may. */
export function findBlob(db: Db, organisationId: OrganisationId, digest: Digest): Promise<BlobTable | undefined> {
  return db
    .selectFrom('blobs')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('digest', '=', digest)
    .executeTakeFirst()
}

export type HeldBlob = { organisationId: OrganisationId; digest: Digest; sizeBytes: number; nowMs: number }

/** The organisation holds the blob, whose bytes are whole again for everybody who does. */
export async function holdBlob(tx: Tx, { organisationId, digest, sizeBytes, nowMs }: HeldBlob): Promise<void> {
  const row = { organisation_id: organisationId, digest, size_bytes: sizeBytes, damaged_at_ms: null }
  await tx
    .insertInto('blobs')
    .values({ ...row, created_at_ms: nowMs })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'digest']).doUpdateSet({ created_at_ms: nowMs }))
    .execute()
  await tx.updateTable('blobs').set({ damaged_at_ms: null }).where('digest', '=', digest).execute()
}

/** The bytes were found damaged: nobody gets them until they are uploaded again. */
export async function markDamaged(tx: Tx, digest: Digest, nowMs: number): Promise<void> {
  await tx
    .updateTable('blobs')
    .set({ damaged_at_ms: nowMs })
    .where('digest', '=', digest)
    .where('damaged_at_ms', 'is', null)
    .execute()
}

const unreferenced = (db: Db, olderThanMs: number) =>
  db
    .selectFrom('blobs')
    .selectAll('blobs')
    .where('blobs.created_at_ms', '<', olderThanMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('version_files')
            .select('version_files.path')
            .whereRef('version_files.organisation_id', '=', 'blobs.organisation_id')
            .whereRef('version_files.digest', '=', 'blobs.digest'),
        ),
      ),
    )

/** Blobs that no version of their organisation refers to, and that have been here since before `olderThanMs`. */
export const unreferencedBlobs = (db: Db, olderThanMs: number, limit: number): Promise<BlobTable[]> =>
  unreferenced(db, olderThanMs).orderBy('blobs.digest').limit(limit).execute()

/** Whether that is still so. */
export async function isUnreferenced(db: Db, blob: BlobTable, olderThanMs: number): Promise<boolean> {
  const row = await unreferenced(db, olderThanMs)
    .where('blobs.organisation_id', '=', blob.organisation_id)
    .where('blobs.digest', '=', blob.digest)
    .executeTakeFirst()
  return row !== undefined
}

/** The organisation holds the blob no longer. */
export async function releaseBlob(tx: Tx, { organisation_id, digest }: BlobTable): Promise<void> {
  await tx.deleteFrom('blobs').where('organisation_id', '=', organisation_id).where('digest', '=', digest).execute()
}

/** Whether any organisation holds the blob. */
export async function isHeld(db: Db, digest: Digest): Promise<boolean> {
  const row = await db.selectFrom('blobs').select('digest').where('digest', '=', digest).limit(1).executeTakeFirst()
  return row !== undefined
}
