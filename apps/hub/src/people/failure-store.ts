/**
 * Failure store: wrong passwords by name. A name is an e-mail address, whether anybody has it or not, so that nothing shows which have accounts;
 * or a known place of a person (known-place.ts).
 */
import { countFailure, type Failures, FORGET_MS, lockedUntilMs } from '@skerry/core/people/lock-out'
import { hashSecret } from '../keys/key-secret.ts'
import type { Db, Tx } from '../store/store.ts'

/** 10 MB. Whoever tries so many addresses has pushed out the oldest after an hour, and gained five tries by it. */
const ADDRESSES_MAX = 100_000

async function findFailures(db: Db, emailHash: string): Promise<Failures | undefined> {
  const row = await db
    .selectFrom('sign_in_failures')
    .select(['failures', 'failed_at_ms'])
    .where('email_hash', '=', emailHash)
    .executeTakeFirst()
  return row && { failures: row.failures, failedAtMs: row.failed_at_ms }
}

/**
 * Counts a try as a failure before it is one, so that a hundred at once are not a hundred free ones; a success takes it back. Undefined where
 * the name has to wait.
 */
export async function countTry(tx: Tx, name: string, nowMs: number): Promise<Failures | undefined> {
  const email_hash = hashSecret(name)
  const known = await findFailures(tx, email_hash)
  if (lockedUntilMs(known, nowMs) > 0) return undefined
  const next = countFailure(known, nowMs)
  const values = { failures: next.failures, failed_at_ms: next.failedAtMs }
  if (!known) await forgetOld(tx, nowMs)
  await tx
    .insertInto('sign_in_failures')
    .values({ email_hash, ...values })
    .onConflict((conflict) => conflict.column('email_hash').doUpdateSet(values))
    .execute()
  return next
}

/** How long the name has to wait before a try counts again. Addresses that nobody has wait just so. */
export async function waitOfMs(db: Db, name: string, nowMs: number): Promise<number> {
  const untilMs = lockedUntilMs(await findFailures(db, hashSecret(name)), nowMs)
  return Math.max(0, untilMs - nowMs)
}

async function forgetOld(tx: Tx, nowMs: number): Promise<void> {
  await tx
    .deleteFrom('sign_in_failures')
    .where('failed_at_ms', '<=', nowMs - FORGET_MS)
    .execute()
  const first = await tx
    .selectFrom('sign_in_failures')
    .select('failed_at_ms')
    .orderBy('failed_at_ms', 'desc')
    .limit(1)
    .offset(ADDRESSES_MAX)
    .executeTakeFirst()
  if (first) await tx.deleteFrom('sign_in_failures').where('failed_at_ms', '<=', first.failed_at_ms).execute()
}

/** Wipes the slate. */
export async function forgetFailures(tx: Tx, name: string): Promise<void> {
  await tx.deleteFrom('sign_in_failures').where('email_hash', '=', hashSecret(name)).execute()
}
