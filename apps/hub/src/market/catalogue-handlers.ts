/** Handlers of the procedures on subscribed catalogues. */
import { rm } from 'node:fs/promises'
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
import { catalogueFolders, folderOf, type ReadIndex, refreshOf } from './read-catalogue.ts'
import { type PulledIndex, pulledIndex } from './sweep-catalogues.ts'

/** A person waits so long for a mirror. Files that are here are verified, so that a damaged one is fetched again. */
const FIRST_PULL = { timeoutMs: 20_000, isThorough: true }

/** The result of a reading for the audit trail. */
const detailOf = (read: ReadIndex, { files, bytes }: PulledIndex['fetched']) => ({
  ...(read.ok ? { version: read.index.version } : { problem: read.code }),
  ...(files > 0 && { files, bytes }),
})

export const catalogueHandlers = {
  list: os.catalogue.list.handler(async ({ context: { hub, organisationId } }) => {
    const rows = (await listCatalogues(hub.store.db, organisationId)).map(catalogueOf)
    return { rows, folders: await catalogueFolders(hub) }
  }),
  add: os.catalogue.add.handler(async ({ context, input, signal = context.hub.signal }) => {
    const { hub, organisationId, caller } = context
    const { name, keys, signatures, url = null } = input
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
      url,
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
    const present = before ? { ...before, keys: row.keys, signatures, url } : row
    const { read, fetched } = await pulledIndex(hub, present, FIRST_PULL, signal)
    // A large mirror continues in the background.
    const isRefused = !read.ok && !(url !== null && read.code === 'catalogue_incomplete' && fetched.files > 0)
    if (isRefused) throw problem('catalogue_refused', `${read.code}: ${read.message}`)
    await context.change(async (tx, note) => {
      const others = await listCatalogues(tx, organisationId)
      if (others.length >= CATALOGUES_MAX && !before)
        throw problem('catalogue_refused', `an organisation has at most ${CATALOGUES_MAX} catalogues`)
      await saveCatalogue(tx, row)
      await saveRefresh(tx, { organisationId, name }, refreshOf(hub, present, read))
      note.detail = { keys, signatures, ...(url !== null && { url }), ...detailOf(read, fetched) }
    })
    return catalogueOf(await knownCatalogue(hub, organisationId, name))
  }),
  refresh: os.catalogue.refresh.handler(async ({ context, input: { name }, signal = context.hub.signal }) => {
    const { hub, organisationId } = context
    const row = await knownCatalogue(hub, organisationId, name)
    const { read, fetched } = await pulledIndex(hub, row, FIRST_PULL, signal)
    await context.change(async (tx, note) => {
      await saveRefresh(tx, { organisationId, name }, refreshOf(hub, row, read))
      note.detail = detailOf(read, fetched)
    })
    return catalogueOf(await knownCatalogue(hub, organisationId, name))
  }),
  remove: os.catalogue.remove.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    const row = await knownCatalogue(hub, organisationId, name)
    await context.change(async (tx) => {
      if (!(await deleteCatalogue(tx, { organisationId, name }))) throw problem('catalogue_unknown')
    })
    // A person's own folder stays.
    if (row.url !== null) await rm(folderOf(hub, row), { recursive: true, force: true })
    return {}
  }),
}
