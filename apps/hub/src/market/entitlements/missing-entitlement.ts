/** Missing entitlement: counts the devices that run a listing, and decides about a change of its installations. */
import type { InstallPlan, InstallWish } from '@skerry/contract/market/installation'
import type { Listing } from '@skerry/contract/market/listing'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { entitlementProblem } from '@skerry/core/market/entitlements/judge-entitlements'
import { compileSelector, type Selector } from '@skerry/core/selectors/selector'
import { expandSelector } from '../../groups/group-store.ts'
import { throwProblem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import { scanFleet } from '../../selectors/fleet-scan.ts'
import { fromJson } from '../../store/json-column.ts'
import { signingKeys } from '../../trust/trust-store.ts'
import type { CatalogueRow } from '../catalogue-store.ts'
import { listInstallations } from '../installation-store.ts'
import { emergencyDevices, listEntitlements } from './entitlement-store.ts'

/** More installations of one listing than people make. */
const INSTALLATIONS_COUNTED = 500

type Wished = {
  catalogue: CatalogueRow
  listing: Listing
  wish: Pick<InstallWish, 'name' | 'selector'>
  change: InstallPlan['change']
}

/** Why no entitlement allows the change; undefined if one does, or if the listing needs none. */
export async function missingEntitlement(
  hub: Hub,
  { catalogue, listing, wish, change }: Wished,
): Promise<string | undefined> {
  if (!listing.entitlement) return undefined
  const organisationId = catalogue.organisation_id
  const devices = await countDevices(hub, organisationId, { listing: listing.name, wish })
  return entitlementProblem({
    change,
    devices,
    entitlements: await trustedEntitlements(hub, catalogue, listing.name),
    nowMs: hub.clock.nowMs(),
  })
}

/** Only the publishers of the catalogue may entitle to its listings, and a revoked key counts no more. */
async function trustedEntitlements(hub: Hub, { organisation_id: organisationId, keys }: CatalogueRow, listing: string) {
  const known = await signingKeys(hub.store.db, { organisationId, first: hub.signing })
  const wanted = fromJson(keys)
  const usable = known.filter(({ key_id, state }) => wanted.includes(key_id) && state !== 'revoked')
  const rows = await listEntitlements(hub.store.db, { organisationId, listing })
  return rows.filter((row) => usable.some(({ key_id }) => key_id === row.key_id)).map((row) => fromJson(row.statement))
}

/** The devices with the listing now and after the change, each once, without those in an emergency period. */
async function countDevices(
  hub: Hub,
  organisationId: OrganisationId,
  { listing, wish }: { listing: string; wish: Wished['wish'] },
) {
  const nowMs = hub.clock.nowMs()
  const installations = await listInstallations(hub.store.db, { organisationId, listing, limit: INSTALLATIONS_COUNTED })
  const present: Selector[] = []
  const others: Selector[] = [await compiled(hub, organisationId, wish.selector)]
  for (const { name, selector } of installations) {
    const one = await compiled(hub, organisationId, selector)
    present.push(one)
    if (name !== wish.name) others.push(one)
  }
  const free = await emergencyDevices(hub.store.db, { organisationId, listing, nowMs })
  const devices = { before: 0, after: 0 }
  for await (const { row, facts } of scanFleet(hub.store.db, organisationId, nowMs)) {
    if (free.has(row.id)) continue
    if (present.some((selector) => selector.matches(facts))) devices.before += 1
    if (others.some((selector) => selector.matches(facts))) devices.after += 1
  }
  return devices
}

async function compiled(hub: Hub, organisationId: OrganisationId, text: string) {
  const selector = compileSelector(await expandSelector(hub.store.db, organisationId, text))
  return selector.ok ? selector : throwProblem(selector)
}
