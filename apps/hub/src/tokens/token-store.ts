/** Token store: join tokens as records. Their secrets are stored hashed, as those of keys are (keys/key-secret.ts says why). */

import type { JoinToken } from '@skerry/contract/joining/join'
import type { JoinTokenId, OrganisationId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { JoinTokenTable } from '../store/tables/foundation-tables.ts'

export type TokenRow = JoinTokenTable & { site: string }

const tokens = (db: Db) =>
  db
    .selectFrom('join_tokens')
    .innerJoin('sites', 'sites.id', 'join_tokens.site_id')
    .selectAll('join_tokens')
    .select('sites.name as site')

/** One page of tokens, by id. */
export function listTokens(
  db: Db,
  { organisationId, limit, after }: { organisationId: OrganisationId; limit: number; after: string | undefined },
): Promise<TokenRow[]> {
  return tokens(db)
    .where('join_tokens.organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('join_tokens.id', '>', (after ?? '') as JoinTokenId))
    .orderBy('join_tokens.id')
    .limit(limit)
    .execute()
}

/** The token that has the secret, of whatever organisation: who joins has nothing else to show. */
export function findTokenBySecret(db: Db, secretHash: string): Promise<TokenRow | undefined> {
  return tokens(db).where('join_tokens.secret_hash', '=', secretHash).executeTakeFirst()
}

/** The token; undefined where the organisation has none of that id. */
export function findToken(db: Db, { organisationId, id }: Pick<Revocation, 'organisationId' | 'id'>) {
  return tokens(db)
    .where('join_tokens.organisation_id', '=', organisationId)
    .where('join_tokens.id', '=', id)
    .executeTakeFirst()
}

/** Adds a token. */
export async function insertToken(tx: Tx, row: JoinTokenTable): Promise<void> {
  await tx.insertInto('join_tokens').values(row).execute()
}

/** Takes one use; false where none is left, or the token has ended. One statement, so that two who join at once cannot share one. */
export async function takeUse(tx: Tx, id: JoinTokenId, nowMs: number): Promise<boolean> {
  const result = await tx
    .updateTable('join_tokens')
    .set((set) => ({ uses: set('uses', '+', 1) }))
    .where('id', '=', id)
    .where('revoked_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .whereRef('uses', '<', 'uses_max')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

export type Revocation = { organisationId: OrganisationId; id: JoinTokenId; nowMs: number }

/** Marks the token as revoked, from the first time on; gives that time, or undefined where the organisation has no such token. */
export async function revokeToken(tx: Tx, { organisationId, id, nowMs }: Revocation): Promise<number | undefined> {
  const row = await tx
    .selectFrom('join_tokens')
    .select('revoked_at_ms')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) return undefined
  if (row.revoked_at_ms !== null) return row.revoked_at_ms
  await tx.updateTable('join_tokens').set({ revoked_at_ms: nowMs }).where('id', '=', id).execute()
  return nowMs
}

/** The token as the API shows it: without its hash. */
export const tokenOf = (row: TokenRow): JoinToken => ({
  id: row.id,
  site: row.site,
  labels: fromJson(row.labels),
  usesMax: row.uses_max,
  uses: row.uses,
  approval: row.approval,
  networks: fromJson(row.networks),
  createdAtMs: row.created_at_ms,
  expiresAtMs: row.expires_at_ms,
  ...(row.revoked_at_ms === null ? {} : { revokedAtMs: row.revoked_at_ms }),
})
