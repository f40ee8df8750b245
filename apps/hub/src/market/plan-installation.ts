/** Plan installation: the steps, permissions and devices of an installation or an upgrade, from the signed catalogue. */
import type { CatalogueEntry } from '@skerry/contract/market/catalogue'
import type {
  FleetFit,
  InstalledObject,
  InstallPlan,
  InstallWish,
  RolloutPreset,
} from '@skerry/contract/market/installation'
import type { Listing, ListingNeeds } from '@skerry/contract/market/listing'
import { countFit } from '@skerry/core/market/fleet-fit'
import { draftInstall, type FilledBlob } from '@skerry/core/market/install-steps'
import { namedEquipment } from '@skerry/core/market/listing-settings'
import { leads, newestFor, upgradeFrom } from '@skerry/core/market/listing-versions'
import { permissionDiff } from '@skerry/core/market/permission-diff'
import { obsoleteSteps } from '@skerry/core/market/uninstall-steps'
import { compileSelector } from '@skerry/core/selectors/selector'
import { digestOf } from '@skerry/platform/files/hash'
import { expandSelector } from '../groups/group-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { ownerOf } from '../secrets/secret-store.ts'
import { scanFleet } from '../selectors/fleet-scan.ts'
import { fromJson } from '../store/json-column.ts'
import type { MarketInstallationTable } from '../store/tables/market/market-tables.ts'
import { missingEntitlement } from './entitlements/missing-entitlement.ts'
import { brokenBy } from './equipment/broken-installations.ts'
import { missingEquipment } from './equipment/named-equipment.ts'
import { findInstallation } from './installation-store.ts'
import { type ListedVersions, listedVersions, readDocuments, readListing } from './open-listing.ts'
import { installProblem } from './read-catalogue.ts'

export type PlannedInstallation = {
  plan: InstallPlan
  listing: Listing
  entry: CatalogueEntry
  folder: string
  /** Documents with settings in them. */
  blobs: FilledBlob[]
  objects: InstalledObject[]
  preset: RolloutPreset | undefined
}

type Call = Pick<KeyCall, 'hub' | 'organisationId' | 'scope'>

/** Throws the problem of the first wish that cannot be met. */
export async function planInstallation(call: Call, wish: InstallWish): Promise<PlannedInstallation> {
  const { hub, organisationId } = call
  const listed = await listedVersions(hub, { organisationId, catalogue: wish.catalogue, listing: wish.listing })
  const stopped = installProblem(listed.row, hub.clock.nowMs())
  if (stopped !== undefined) throw problem('catalogue_refused', stopped)
  const before = await findInstallation(hub.store.db, { organisationId, name: wish.name })
  if (before && before.listing !== wish.listing) {
    throw problem('installation_refused', `${wish.name} is an installation of ${before.listing}; choose another name`)
  }
  const entry = wantedEntry(listed, wish, before)
  const listing = await readListing(listed.folder, entry)
  if (listing.name !== entry.name || listing.version !== entry.version) {
    throw problem('listing_tampered', 'the listing has another name or version than the index says')
  }
  if (listing.connections.length > 0) await requireOwner(call, wish.scope)
  const documents = await readDocuments(listed.folder, listing)
  const preset = wish.preset ?? before?.preset ?? undefined
  const draft = draftInstall(listing, { ...wish, preset }, { documentOf: (digest) => documents.get(digest), digestOf })
  if (!draft.ok) throw problem('installation_refused', draft.message)
  const missingThing = await missingEquipment(call, namedEquipment(listing, wish))
  if (missingThing !== undefined) throw problem('installation_refused', missingThing)
  const { steps, blobs, objects, asked } = draft
  const accepted = [...wish.accept, ...(before ? fromJson(before.accepted) : [])]
  const obsolete = before ? obsoleteSteps(fromJson(before.objects), objects) : []
  const plan: InstallPlan = {
    name: wish.name,
    catalogue: wish.catalogue,
    listing: listing.name,
    version: listing.version,
    ...changeOf(before, listing),
    steps: [...steps, ...obsolete],
    permissions: permissionDiff(asked, [...new Set(accepted)]),
    fleet: await fitOf(call, listing.needs, wish.selector),
  }
  const broken = await brokenBy(call, plan)
  if (broken !== undefined) throw problem('installation_refused', broken)
  const wished = { catalogue: listed.row, listing, wish, change: plan.change }
  const missing = await missingEntitlement(hub, wished)
  if (missing !== undefined) plan.entitlement = missing
  return { plan, listing, entry, folder: listed.folder, blobs, objects, preset }
}

async function requireOwner({ hub, organisationId }: Call, scope: string): Promise<void> {
  if (await ownerOf(hub.store.db, organisationId, scope)) return
  throw problem(scope.startsWith('site:') ? 'site_unknown' : 'device_unknown')
}

function changeOf(before: MarketInstallationTable | undefined, { version }: Listing) {
  if (!before) return { change: 'install' as const }
  const change = before.version === version ? ('repair' as const) : ('upgrade' as const)
  return { change, from: before.version }
}

/** An upgrade follows the graph. A repetition keeps the version. */
function wantedEntry(
  { versions }: ListedVersions,
  { version, channel }: InstallWish,
  before: MarketInstallationTable | undefined,
): CatalogueEntry {
  const entry =
    version === undefined ? usualEntry(versions, channel, before) : versions.find((each) => each.version === version)
  if (!entry)
    throw problem('listing_unknown', 'the listing has no such version in this channel; "skerry market show" lists them')
  const isRepair = before?.version === entry.version
  if (entry.yanked && !isRepair) {
    throw problem('installation_refused', `the publisher withdrew the version ${entry.version}: ${entry.yanked.reason}`)
  }
  if (before && !isRepair && !leads(entry, before.version)) {
    const message = `no upgrade leads from ${before.version} to ${entry.version}; "skerry market show" lists the versions that follow each other`
    throw problem('installation_refused', message)
  }
  return entry
}

const usualEntry = (
  versions: readonly CatalogueEntry[],
  channel: InstallWish['channel'],
  before: MarketInstallationTable | undefined,
) =>
  before
    ? (upgradeFrom(versions, before.version, channel) ?? versions.find(({ version }) => version === before.version))
    : newestFor(versions, channel)

async function fitOf(call: Call, needs: ListingNeeds, text: string): Promise<FleetFit> {
  const { hub, organisationId, scope } = call
  const selector = compileSelector(await expandSelector(hub.store.db, organisationId, text))
  if (!selector.ok) return throwProblem(selector)
  const count = countFit(needs)
  for await (const { facts } of scanFleet(hub.store.db, organisationId, hub.clock.nowMs(), scope)) {
    if (selector.matches(facts)) count.add(facts.device)
  }
  return count.fit()
}
