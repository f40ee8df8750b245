/**
 * Blob store: the organisations that hold each blob. The bytes are stored once for all organisations (blob-bytes.ts).
 *
 * Bytes and records cannot change in one transaction, and several hubs may work on one blob. So a record announces a
 * removal before the bytes are removed, and is deleted afterwards. Meanwhile the hub rejects each attempt to hold the
 * blob. A caller that is about to use a blob touches it, which protects it from collection for the period of grace.
 */
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import { problem } from '../http/problem.ts'
import type { Db, Tx } from '../store/store.ts'
import type { BlobTable } from '../store/tables/foundation-tables.ts'

/** The organisation's record of the blob. Undefined if it has none, even if another organisation has one. */
export function findBlob(db: Db, organisationId: OrganisationId, digest: Digest): Promise<BlobTable | undefined> {
  return db
    .selectFrom('blobs')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('digest', '=', digest)
    .executeTakeFirst()
}

export type HeldBlob = { organisationId: OrganisationId; digest: Digest; sizeBytes: number; nowMs: number }

/**
 * The organisation holds the blob. The bytes are complete again for all organisations that hold it. Rejected while the
 * bytes are being removed.
 */
export async function holdBlob(tx: Tx, { organisationId, digest, sizeBytes, nowMs }: HeldBlob): Promise<void> {
  // The row exists within this transaction only. Through its key, this transaction and an announcement wait for each
  // other in every database.
  if (!(await announceRemoval(tx, digest, nowMs))) throw beingRemoved()
  await endRemoval(tx, digest)
  await tx.deleteFrom('removed_blobs').where('digest', '=', digest).execute()
  const row = { organisation_id: organisationId, digest, size_bytes: sizeBytes, damaged_at_ms: null }
  await tx
    .insertInto('blobs')
    .values({ ...row, created_at_ms: nowMs })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'digest']).doUpdateSet({ created_at_ms: nowMs }))
    .execute()
  await tx.updateTable('blobs').set({ damaged_at_ms: null }).where('digest', '=', digest).execute()
}

/** The bytes were found damaged. No caller gets them until they are uploaded again. */
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
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('build_files')
            .select('build_files.path')
            .whereRef('build_files.organisation_id', '=', 'blobs.organisation_id')
            .whereRef('build_files.digest', '=', 'blobs.digest'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('optimisations')
            .select('optimisations.id')
            .whereRef('optimisations.organisation_id', '=', 'blobs.organisation_id')
            .whereRef('optimisations.calibration_digest', '=', 'blobs.digest')
            .where('optimisations.ended_at_ms', 'is', null),
        ),
      ),
    )
    .where(({ not, or }) => not(or([...CAMPAIGN_BLOBS, ...REGISTRY_BLOBS, ...MARKET_BLOBS].map(usedByColumn))))

/** The columns of campaigns that name blobs. */
const CAMPAIGN_BLOBS = [
  'campaigns.weights_digest',
  'campaigns.training_digest',
  'campaigns.evaluation_digest',
  'campaigns.moments_digest',
  'campaigns.personal_digest',
  'campaign_rounds.weights_digest',
  'campaign_participants.update_digest',
] as const

/** The manifests of the registry, and the blobs that they name. */
const REGISTRY_BLOBS = ['registry_manifests.digest', 'registry_parts.digest'] as const

/** The files of listings under review. */
const MARKET_BLOBS = ['market_submission_files.digest'] as const

function usedByColumn(column: (typeof CAMPAIGN_BLOBS | typeof REGISTRY_BLOBS | typeof MARKET_BLOBS)[number]) {
  const [table = ''] = column.split('.')
  return sql<boolean>`exists (
    select 1 from ${sql.table(table)}
    where ${sql.ref(`${table}.organisation_id`)} = blobs.organisation_id and ${sql.ref(column)} = blobs.digest
  )`
}

/**
 * Blobs that no version, no build, no running optimisation, no campaign, no manifest of the registry and no listing
 * under review of their organisation refers to, and are older than `olderThanMs`.
 */
export const unreferencedBlobs = (db: Db, olderThanMs: number, limit: number): Promise<BlobTable[]> =>
  unreferenced(db, olderThanMs).orderBy('blobs.digest').limit(limit).execute()

async function isUnreferenced(db: Db, blob: BlobTable, olderThanMs: number): Promise<boolean> {
  const row = await unreferenced(db, olderThanMs)
    .where('blobs.organisation_id', '=', blob.organisation_id)
    .where('blobs.digest', '=', blob.digest)
    .executeTakeFirst()
  return row !== undefined
}

/** Removes the organisation's hold, if the blob still has no reference and was not touched. */
export async function releaseBlob(tx: Tx, blob: BlobTable, olderThanMs: number): Promise<boolean> {
  if (!(await isUnreferenced(tx, blob, olderThanMs))) return false
  const gone = await tx
    .deleteFrom('blobs')
    .where('organisation_id', '=', blob.organisation_id)
    .where('digest', '=', blob.digest)
    .where('created_at_ms', '<', olderThanMs)
    .returning('digest')
    .executeTakeFirst()
  return gone !== undefined
}

/** The blobs are about to be used: their period of grace begins again. */
export async function touchBlobs(
  tx: Tx,
  { organisationId, digests, nowMs }: { organisationId: OrganisationId; digests: readonly Digest[]; nowMs: number },
): Promise<void> {
  for (const digest of digests) {
    await tx
      .updateTable('blobs')
      .set({ created_at_ms: nowMs })
      .where('organisation_id', '=', organisationId)
      .where('digest', '=', digest)
      .execute()
  }
}

/** Announces that the bytes will be removed. False if another hub has already announced it. */
export async function announceRemoval(tx: Tx, digest: Digest, nowMs: number): Promise<boolean> {
  const announced = await tx
    .insertInto('blob_removals')
    .values({ digest, since_ms: nowMs })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .returning('digest')
    .executeTakeFirst()
  return announced !== undefined
}

/** The bytes have been removed. */
export async function endRemoval(tx: Tx, digest: Digest): Promise<void> {
  await tx.deleteFrom('blob_removals').where('digest', '=', digest).execute()
}

/** Removals that were announced before and never completed, because a hub ended in between. */
export async function staleRemovals(db: Db, beforeMs: number): Promise<Digest[]> {
  const rows = await db.selectFrom('blob_removals').select('digest').where('since_ms', '<', beforeMs).execute()
  return rows.map(({ digest }) => digest)
}

/** Rejects the call while the bytes are being removed, because bytes written now might be removed too. */
export async function refuseRemoved(db: Db, digest: Digest): Promise<void> {
  const row = await db.selectFrom('blob_removals').select('digest').where('digest', '=', digest).executeTakeFirst()
  if (row) throw beingRemoved()
}

const beingRemoved = () =>
  problem('hub_unavailable', 'old bytes of the same content are being removed; try again shortly')

/** Whether any organisation holds the blob. */
export async function isHeld(db: Db, digest: Digest): Promise<boolean> {
  const row = await db.selectFrom('blobs').select('digest').where('digest', '=', digest).limit(1).executeTakeFirst()
  return row !== undefined
}
