/** Catalogue store: the subscriptions of an organisation as records, with their last good index. */
import type { Catalogue, CatalogueIndex } from '@skerry/contract/market/catalogue'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { KnownIndex } from '@skerry/core/market/judge-catalogue'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { MarketCatalogueTable } from '../store/tables/market/market-tables.ts'

/** A subscription without its index. */
export type CatalogueRow = Omit<MarketCatalogueTable, 'index_text'>

const COLUMNS = [
  ...([
    'organisation_id',
    'name',
    'keys',
    'signatures',
    'url',
    'own',
    'added_at_ms',
    'added_by',
    'index_version',
  ] as const),
  ...(['index_digest', 'listings', 'expires_at_ms', 'checked_at_ms', 'problem'] as const),
]

type Place = { organisationId: OrganisationId; name: string }

/** All subscriptions by name; there are few. */
export const listCatalogues = (db: Db, organisationId: OrganisationId): Promise<CatalogueRow[]> =>
  db
    .selectFrom('market_catalogues')
    .select(COLUMNS)
    .where('organisation_id', '=', organisationId)
    .orderBy('name')
    .execute()

/** The subscriptions of all organisations. */
export const everyCatalogue = (db: Db): Promise<CatalogueRow[]> =>
  db.selectFrom('market_catalogues').select(COLUMNS).orderBy('name').execute()

/** Undefined if the organisation has no such subscription. */
export const findCatalogue = (db: Db, { organisationId, name }: Place): Promise<CatalogueRow | undefined> =>
  db
    .selectFrom('market_catalogues')
    .select(COLUMNS)
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()

/** The last good index; undefined before the first one. */
export async function storedIndex(db: Db, { organisationId, name }: Place): Promise<CatalogueIndex | undefined> {
  const row = await db
    .selectFrom('market_catalogues')
    .select('index_text')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.index_text ? fromJson(row.index_text) : undefined
}

/** Inserts the subscription, or replaces its keys and URL. The known index stays, so that it cannot be rolled back so. */
export async function saveCatalogue(tx: Tx, row: MarketCatalogueTable): Promise<void> {
  const { keys, signatures, url } = row
  await tx
    .insertInto('market_catalogues')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doUpdateSet({ keys, signatures, url }))
    .execute()
}

/** The result of a refresh. */
export async function saveRefresh(
  tx: Tx,
  { organisationId, name }: Place,
  changed: Partial<Omit<MarketCatalogueTable, 'organisation_id' | 'name'>>,
): Promise<void> {
  await tx
    .updateTable('market_catalogues')
    .set(changed)
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .execute()
}

/** False if there was none. */
export async function deleteCatalogue(tx: Tx, { organisationId, name }: Place): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('market_catalogues')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export const knownIndexOf = ({ index_version, index_digest }: CatalogueRow): KnownIndex | undefined =>
  index_version === null || index_digest === null ? undefined : { version: Number(index_version), digest: index_digest }

/** The subscription as the API shows it. */
export function catalogueOf(row: CatalogueRow): Catalogue {
  const known = knownIndexOf(row)
  return {
    name: row.name,
    keys: fromJson(row.keys),
    signatures: row.signatures,
    ...(row.url !== null && { url: row.url }),
    ...(row.own === 1 && { isOwn: true as const }),
    listings: row.listings,
    ...(known && { version: known.version, digest: known.digest }),
    ...(row.expires_at_ms !== null && { expiresAtMs: Number(row.expires_at_ms) }),
    ...(row.checked_at_ms !== null && { checkedAtMs: Number(row.checked_at_ms) }),
    ...(row.problem !== null && { problem: fromJson(row.problem) }),
  }
}
