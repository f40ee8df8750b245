/** Login store: command lines that request a key, for as long as a person may agree. */
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import { hashSecret } from '../keys/key-secret.ts'
import type { Db, Tx } from '../store/store.ts'
import type { LoginTable } from '../store/tables/access/people-tables.ts'

/**
 * Open requests from one address, and from all, because every client may send one. Enough for a class of students
 * behind one NAT, and a megabyte in total.
 */
const PER_SOURCE_MAX = 30
const LOGINS_MAX = 3_000

/** Adds the request; false if there are too many. */
export async function insertLogin(tx: Tx, row: LoginTable): Promise<boolean> {
  await tx.deleteFrom('logins').where('expires_at_ms', '<=', row.created_at_ms).execute()
  if ((await countLogins(tx)) >= LOGINS_MAX || (await countLogins(tx, row.source)) >= PER_SOURCE_MAX) return false
  await tx.insertInto('logins').values(row).execute()
  return true
}

async function countLogins(tx: Tx, source?: string): Promise<number> {
  const { count } = await tx
    .selectFrom('logins')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .$if(source !== undefined, (select) => select.where('source', '=', source ?? ''))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The request of the code, while it has no answer. */
export const findAsked = (db: Db, code: string, nowMs: number): Promise<LoginTable | undefined> =>
  db
    .selectFrom('logins')
    .selectAll()
    .where('code', '=', code)
    .where('state', '=', 'asked')
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()

/** The request of the secret. */
export const findLogin = (db: Db, secret: string, nowMs: number): Promise<LoginTable | undefined> =>
  db
    .selectFrom('logins')
    .selectAll()
    .where('secret_hash', '=', hashSecret(secret))
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()

type Agreed = { user_id: UserId; organisation_id: OrganisationId; is_multi_factor: 0 | 1 }

/** Agrees to the request in a person's name. False if another answer came first. */
export async function agree(
  tx: Tx,
  code: string,
  { user_id, organisation_id, is_multi_factor }: Agreed,
): Promise<boolean> {
  const result = await tx
    .updateTable('logins')
    .set({ state: 'agreed', user_id, organisation_id, is_multi_factor })
    .where('code', '=', code)
    .where('state', '=', 'asked')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** Rejects the request of the code. */
export async function rejectLogin(tx: Tx, code: string): Promise<void> {
  await tx
    .updateTable('logins')
    .set({ state: 'refused' })
    .where('code', '=', code)
    .where('state', '=', 'asked')
    .execute()
}

/** Deletes the login, so that it is used only once; false if it does not exist. */
export async function takeLogin(tx: Tx, secretHash: string): Promise<boolean> {
  const result = await tx.deleteFrom('logins').where('secret_hash', '=', secretHash).executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}
