/** Handlers of the procedures on listings. */
import { searchListings } from '@skerry/core/market/search-listings'
import { os } from '../http/implementer.ts'
import { sequenceOf } from '../http/page.ts'
import { searchOf } from './catalogue-index.ts'
import { listInstallations } from './installation-store.ts'
import { installationOf } from './installation-view.ts'
import { entryOf, listedVersions, readCertificate, readListing } from './open-listing.ts'
import { connectedProtocols } from './opinions/connected-protocols.ts'
import { usageOf } from './opinions/listing-usage.ts'
import { ratingKey, ratingsOf } from './opinions/opinion-store.ts'

/** More installations of one listing are not shown with it. */
const INSTALLATIONS_SHOWN = 100

/** More versions of one listing are not shown. */
const VERSIONS_SHOWN = 1_000

export const listingHandlers = {
  search: os.market.search.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { limit, after, channel = 'stable', recommended = false, ...query } = input
    const protocols = await connectedProtocols(hub.store.db, organisationId)
    const wish = { ...query, ...(recommended && { protocols }) }
    const { hits, facets } = searchListings(await searchOf(hub, organisationId, channel), wish)
    const start = sequenceOf(after) ?? 0
    const page = hits.slice(start, start + limit)
    const installed = await listInstallations(hub.store.db, { organisationId, limit: VERSIONS_SHOWN })
    const ratings = await ratingsOf(hub.store.db, organisationId)
    const rows = page.map(({ catalogue, entry: { skips: _, ...entry } }) => {
      const own = installed.find((one) => one.catalogue === catalogue && one.listing === entry.name)
      const rating = ratings.get(ratingKey(catalogue, entry.name))
      const fitting = (entry.worksWith ?? []).filter((protocol) => protocols.has(protocol))
      return {
        catalogue,
        entry,
        ...(own && { installed: own.version }),
        ...(rating && { rating }),
        ...(fitting.length > 0 && { recommended: fitting }),
      }
    })
    const isMore = start + limit < hits.length
    return { rows, total: hits.length, facets, ...(isMore && { next: String(start + limit) }) }
  }),
  get: os.market.get.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { catalogue, listing: name } = input
    const listed = await listedVersions(hub, { organisationId, catalogue, listing: name })
    const entry = entryOf(listed, input.version)
    const listing = await readListing(listed.folder, entry)
    const certificate = await readCertificate(listed.folder, entry)
    const rows = await listInstallations(hub.store.db, { organisationId, limit: INSTALLATIONS_SHOWN, listing: name })
    const own = rows.filter((row) => row.catalogue === catalogue)
    const installations = await Promise.all(own.map((row) => installationOf(hub, row)))
    const versions = listed.versions.slice(0, VERSIONS_SHOWN)
    const rating = (await ratingsOf(hub.store.db, organisationId)).get(ratingKey(catalogue, name))
    const usage = await usageOf(hub.store.db, { organisationId, nowMs: hub.clock.nowMs() }, own)
    const { certificate: claimed, ...plain } = entry
    return {
      listing,
      entry: claimed && certificate ? { ...plain, certificate: claimed } : plain,
      versions,
      installations,
      ...(certificate && { certificate }),
      ...(rating && { rating }),
      ...(usage && { usage }),
    }
  }),
}
