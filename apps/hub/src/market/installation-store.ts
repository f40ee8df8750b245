/** Installation store: the listings that an organisation has installed, as records. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { MarketInstallationTable } from '../store/tables/market/market-tables.ts'

type Place = { organisationId: OrganisationId; name: string }

type Wanted = {
  organisationId: OrganisationId
  limit: number
  after?: string | undefined
  listing?: string | undefined
}

/** One page of installations, by name. */
export const listInstallations = (db: Db, { organisationId, limit, after, listing }: Wanted) =>
  db
    .selectFrom('market_installations')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('name', '>', after ?? ''))
    .$if(listing !== undefined, (select) => select.where('listing', '=', listing ?? ''))
    .orderBy('name')
    .limit(limit)
    .execute()

/** Undefined if there is none of this name. */
export const findInstallation = (db: Db, { organisationId, name }: Place) =>
  db
    .selectFrom('market_installations')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()

/** Inserts or replaces the record. */
export async function saveInstallation(tx: Tx, row: MarketInstallationTable): Promise<void> {
  const { organisation_id: _, name: __, ...changed } = row
  await tx
    .insertInto('market_installations')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doUpdateSet(changed))
    .execute()
}

export async function deleteInstallation(tx: Tx, { organisationId, name }: Place): Promise<void> {
  await tx
    .deleteFrom('market_installations')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .execute()
}
