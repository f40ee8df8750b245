/** Removed store: blobs that nobody holds and whose bytes stay for some days. A blob that is held again leaves it. */
import type { Digest } from '@skerry/contract/values/digest'
import type { Db, Tx } from '../store/store.ts'
import { isHeld } from './blob-store.ts'

/** The days of the blob begin now, unless they have begun before. */
export async function setAside(tx: Tx, digest: Digest, nowMs: number): Promise<void> {
  await tx
    .insertInto('removed_blobs')
    .values({ digest, removed_at_ms: nowMs })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute()
}

/** Blobs whose days began before a time, the first ones first. */
export async function setAsideBefore(db: Db, beforeMs: number, limit: number): Promise<Digest[]> {
  const rows = await db
    .selectFrom('removed_blobs')
    .select('digest')
    .where('removed_at_ms', '<=', beforeMs)
    .orderBy('removed_at_ms')
    .limit(limit)
    .execute()
  return rows.map(({ digest }) => digest)
}

/** Forgets the blob; false if its days are not over, or somebody has taken it back. */
export async function takeBack(tx: Tx, digest: Digest, beforeMs: number): Promise<boolean> {
  const gone = await tx
    .deleteFrom('removed_blobs')
    .where('digest', '=', digest)
    .where('removed_at_ms', '<=', beforeMs)
    .returning('digest')
    .executeTakeFirst()
  return gone !== undefined
}

/** Whether the blob is held, or was removed on purpose. */
export async function isKnown(db: Db, digest: Digest): Promise<boolean> {
  if (await isHeld(db, digest)) return true
  const row = await db.selectFrom('removed_blobs').select('digest').where('digest', '=', digest).executeTakeFirst()
  return row !== undefined
}
