/** Installation store: the listings that an organisation has installed, as records. */
import type { CatalogueEntry } from '@skerry/contract/market/catalogue'
import type { Installation } from '@skerry/contract/market/installation'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { upgradeFrom } from '@skerry/core/market/listing-versions'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { MarketInstallationTable } from '../store/tables/market-tables.ts'
import { entriesOf } from './catalogue-index.ts'
import { findCatalogue } from './catalogue-store.ts'

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

/** The installation as the API shows it, with the upgrade that its catalogue offers. */
export async function installationOf(hub: Hub, row: MarketInstallationTable): Promise<Installation> {
  const catalogue = await findCatalogue(hub.store.db, { organisationId: row.organisation_id, name: row.catalogue })
  const entries = catalogue ? await entriesOf(hub, catalogue) : []
  const versions = entries.filter(({ name }) => name === row.listing)
  const upgrade = upgradeFrom(versions, row.version, row.channel)
  const notice = noticeOf(versions, row)
  return {
    name: row.name,
    state: row.state,
    catalogue: row.catalogue,
    listing: row.listing,
    title: row.title,
    version: row.version,
    digest: row.digest,
    settings: fromJson(row.settings),
    selector: row.selector,
    scope: row.scope,
    accepted: fromJson(row.accepted),
    objects: fromJson(row.objects),
    changedAtMs: Number(row.changed_at_ms),
    changedBy: row.changed_by,
    ...(upgrade && { upgrade: upgrade.version }),
    ...(notice !== undefined && { notice }),
  }
}

/** Why the publisher no longer offers the installed version. It continues to run. */
function noticeOf(versions: readonly CatalogueEntry[], { version }: MarketInstallationTable): string | undefined {
  const own = versions.find((entry) => entry.version === version)
  if (own?.yanked) return `the publisher withdrew the version ${version}: ${own.yanked.reason}`
  const { deprecated } = own ?? {}
  if (!deprecated) return undefined
  return `deprecated: ${deprecated.reason}${deprecated.successor ? `; its successor is ${deprecated.successor}` : ''}`
}
