/** 0035: after how long without anybody there a session is locked. */
import type { Kysely } from 'kysely'

export async function idleLock(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sign_in_rules').addColumn('idle_lock_seconds', 'integer').execute()
}
