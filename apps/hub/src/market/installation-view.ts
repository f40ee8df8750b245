/** Installation view: an installation as the API shows it, with the upgrade that its catalogue offers. */
import type { CatalogueEntry } from '@skerry/contract/market/catalogue'
import type { Installation } from '@skerry/contract/market/installation'
import { entitlementNotice } from '@skerry/core/market/entitlements/judge-entitlements'
import { upgradeFrom } from '@skerry/core/market/listing-versions'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { MarketInstallationTable } from '../store/tables/market/market-tables.ts'
import { entriesOf } from './catalogue-index.ts'
import { findCatalogue } from './catalogue-store.ts'
import { listEntitlements } from './entitlements/entitlement-store.ts'
import { usageOf } from './opinions/listing-usage.ts'

/** The installation as the API shows it, with the upgrade that its catalogue offers. */
export async function installationOf(hub: Hub, row: MarketInstallationTable): Promise<Installation> {
  const catalogue = await findCatalogue(hub.store.db, { organisationId: row.organisation_id, name: row.catalogue })
  const entries = catalogue ? await entriesOf(hub, catalogue) : []
  const versions = entries.filter(({ name }) => name === row.listing)
  const upgrade = upgradeFrom(versions, row.version, row.channel)
  const usage = await usageOf(hub.store.db, { organisationId: row.organisation_id, nowMs: hub.clock.nowMs() }, [row])
  const notice = noticeOf(versions, row) ?? (await entitlementNoticeOf(hub, row))
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
    ...(usage && { usage }),
    ...(row.preset !== null && { preset: row.preset }),
  }
}

/** The notice of the entitlement to the listing that ends last. */
async function entitlementNoticeOf(hub: Hub, { organisation_id, listing }: MarketInstallationTable) {
  const rows = await listEntitlements(hub.store.db, { organisationId: organisation_id, listing })
  const statements = rows.map(({ statement }) => fromJson(statement))
  const [last] = statements.toSorted((a, b) => endOf(b) - endOf(a))
  return last && entitlementNotice(last, hub.clock.nowMs())
}

const endOf = ({ untilMs = Number.MAX_SAFE_INTEGER }: { untilMs?: number | undefined }) => untilMs

/** Why the publisher no longer offers the installed version. It continues to run. */
function noticeOf(versions: readonly CatalogueEntry[], { version }: MarketInstallationTable): string | undefined {
  const own = versions.find((entry) => entry.version === version)
  if (own?.yanked) return `the publisher withdrew the version ${version}: ${own.yanked.reason}`
  const { deprecated } = own ?? {}
  if (!deprecated) return undefined
  return `deprecated: ${deprecated.reason}${deprecated.successor ? `; its successor is ${deprecated.successor}` : ''}`
}
