/** Login store: command lines that ask for a key, for as long as somebody may agree. */
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import { hashSecret } from '../keys/key-secret.ts'
import type { Db, Tx } from '../store/store.ts'
import type { LoginTable } from '../store/tables/access/people-tables.ts'

/** Anybody may ask: so many at once from one address, and from all. A class of students behind one NAT, and a megabyte. */
const PER_SOURCE_MAX = 30
const LOGINS_MAX = 3_000

/** Adds it; false where there are too many. */
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

/** The one that the code names, while nobody has answered it. */
export const findAsked = (db: Db, code: string, nowMs: number): Promise<LoginTable | undefined> =>
  db
    .selectFrom('logins')
    .selectAll()
    .where('code', '=', code)
    .where('state', '=', 'asked')
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()

/** The one that the secret is of. */
export const findLogin = (db: Db, secret: string, nowMs: number): Promise<LoginTable | undefined> =>
  db
    .selectFrom('logins')
    .selectAll()
    .where('secret_hash', '=', hashSecret(secret))
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()

type Agreed = { user_id: UserId; organisation_id: OrganisationId; is_multi_factor: 0 | 1 }

/** Agrees to it in somebody's name. False where somebody was quicker. */
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

/** Refuses it. */
export async function refuse(tx: Tx, code: string): Promise<void> {
  await tx
    .updateTable('logins')
    .set({ state: 'refused' })
    .where('code', '=', code)
    .where('state', '=', 'asked')
    .execute()
}

/** Takes it out; false where it is gone. */
export async function takeLogin(tx: Tx, secretHash: string): Promise<boolean> {
  const result = await tx.deleteFrom('logins').where('secret_hash', '=', secretHash).executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}
