/**
 * PostgreSQL locks: the advisory locks that hubs on one database share, and their names. Hubs in another schema have
 * their own locks.
 */

/** The purpose of a lock. Its position is its number: append, never change. */
const LOCKS = ['migration', 'write', 'lead', 'hub'] as const

/** "Sker" in ASCII, so that other programs in the same database hold other locks. */
const SPACE = 0x536b6572

type LockFunction = 'pg_advisory_lock' | 'pg_advisory_xact_lock' | 'pg_try_advisory_lock'

/** A query that takes the lock; its one column is `locked`. */
export const lockSql = (take: LockFunction, lock: Exclude<(typeof LOCKS)[number], 'hub'>): string =>
  `select ${take}(${SPACE + LOCKS.indexOf(lock)}, hashtext(current_schema())) as locked`

/** The first of the two numbers of a hub's own lock; the second is the number of its session. */
export const HUB_LOCKS = SPACE + LOCKS.indexOf('hub')
