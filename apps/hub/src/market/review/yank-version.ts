/** Yank version: withdraws a version from the organisation's own catalogue. Mirrors see it in the next index. */
import type { Catalogue } from '@skerry/contract/market/catalogue'
import { yankFrom } from '@skerry/core/market/review/own-index'
import type { KeyCall } from '../../http/call.ts'
import { problem } from '../../http/problem.ts'
import { catalogueOf, storedIndex } from '../catalogue-store.ts'
import { knownCatalogue } from '../open-listing.ts'
import { ownIndexColumns, replaceOwnIndex, writeOwnIndex } from './own-catalogue.ts'

type Yank = { name: string; listing: string; version: string; reason: string }

/** The publisher of another catalogue withdraws its versions itself. */
export async function yankVersion(
  { hub, organisationId, change }: KeyCall,
  { name, listing, version, reason }: Yank,
): Promise<Catalogue> {
  const row = await knownCatalogue(hub, organisationId, name)
  if (row.own !== 1) throw problem('catalogue_refused', `${name} comes from a publisher, who withdraws its versions`)
  const index = await storedIndex(hub.store.db, { organisationId, name })
  const next = index && yankFrom(index, { name: listing, version }, reason, hub.clock.nowMs())
  if (!next?.ok) throw problem('listing_unknown', next?.message)
  const columns = await ownIndexColumns(hub, row, next.index)
  await change(async (tx, note) => {
    note.object = { kind: 'catalogue', id: name }
    note.detail = { listing, version, reason, index: next.index.version }
    if (!(await replaceOwnIndex(tx, row, columns)))
      throw problem('hub_unavailable', 'another publication into the catalogue came first; withdraw it again')
  })
  // If this process ends here, the next sweep writes the index.
  await writeOwnIndex(hub, row, next.index)
  return catalogueOf(await knownCatalogue(hub, organisationId, name))
}
