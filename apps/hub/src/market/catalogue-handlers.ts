/** Handlers of the procedures on subscribed catalogues. */
import { CATALOGUES_MAX } from '@skerry/contract/market/catalogue'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { toJson } from '../store/json-column.ts'
import type { MarketCatalogueTable } from '../store/tables/market/market-tables.ts'
import { signingKeys } from '../trust/trust-store.ts'
import {
  catalogueOf,
  deleteCatalogue,
  findCatalogue,
  listCatalogues,
  saveCatalogue,
  saveRefresh,
} from './catalogue-store.ts'
import { knownCatalogue } from './open-listing.ts'
import { catalogueFolders, readIndex, refreshOf } from './read-catalogue.ts'

export const catalogueHandlers = {
  list: os.catalogue.list.handler(async ({ context: { hub, organisationId } }) => {
    const rows = (await listCatalogues(hub.store.db, organisationId)).map(catalogueOf)
    return { rows, folders: await catalogueFolders(hub) }
  }),
  add: os.catalogue.add.handler(async ({ context, input: { name, keys, signatures } }) => {
    const { hub, organisationId, caller } = context
    const known = await signingKeys(hub.store.db, { organisationId, first: hub.signing })
    const usable = known.filter(({ state }) => state !== 'revoked').map(({ key_id }) => key_id)
    if (!keys.every((key) => usable.includes(key))) throw problem('signing_key_unknown')
    if (signatures > new Set(keys).size)
      throw problem('catalogue_refused', 'the catalogue needs more signatures than it names keys')
    const row: MarketCatalogueTable = {
      organisation_id: organisationId,
      name,
      keys: toJson(keys),
      signatures,
      added_at_ms: hub.clock.nowMs(),
      added_by: caller.name,
      index_version: null,
      index_digest: null,
      index_text: null,
      listings: 0,
      expires_at_ms: null,
      checked_at_ms: null,
      problem: null,
    }
    const before = await findCatalogue(hub.store.db, { organisationId, name })
    const present = before ? { ...before, keys: row.keys, signatures } : row
    const read = await readIndex(hub, present)
    if (!read.ok) throw problem('catalogue_refused', `${read.code}: ${read.message}`)
    await context.change(async (tx, note) => {
      const others = await listCatalogues(tx, organisationId)
      if (others.length >= CATALOGUES_MAX && !before)
        throw problem('catalogue_refused', `an organisation has at most ${CATALOGUES_MAX} catalogues`)
      await saveCatalogue(tx, row)
      await saveRefresh(tx, { organisationId, name }, refreshOf(hub, present, read))
      note.detail = { keys, signatures, version: read.index.version }
    })
    return catalogueOf(await knownCatalogue(hub, organisationId, name))
  }),
  refresh: os.catalogue.refresh.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    const row = await knownCatalogue(hub, organisationId, name)
    const read = await readIndex(hub, row)
    await context.change(async (tx, note) => {
      await saveRefresh(tx, { organisationId, name }, refreshOf(hub, row, read))
      note.detail = read.ok ? { version: read.index.version } : { problem: read.code }
    })
    return catalogueOf(await knownCatalogue(hub, organisationId, name))
  }),
  remove: os.catalogue.remove.handler(async ({ context, input: { name } }) => {
    const { organisationId } = context
    await context.change(async (tx) => {
      if (!(await deleteCatalogue(tx, { organisationId, name }))) throw problem('catalogue_unknown')
    })
    return {}
  }),
}
