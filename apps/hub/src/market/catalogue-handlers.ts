/** Handlers of the procedures on subscribed catalogues. */
import { rm } from 'node:fs/promises'
import { CATALOGUES_MAX } from '@skerry/contract/market/catalogue'
import { firstIndex } from '@skerry/core/market/review/own-index'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { toJson } from '../store/json-column.ts'
import type { MarketCatalogueTable } from '../store/tables/market/market-tables.ts'
import { signingKeys } from '../trust/trust-store.ts'
import {
  type CatalogueRow,
  catalogueOf,
  deleteCatalogue,
  findCatalogue,
  listCatalogues,
  saveCatalogue,
  saveRefresh,
} from './catalogue-store.ts'
import { knownCatalogue } from './open-listing.ts'
import { catalogueFolders, folderOf, type ReadIndex, refreshOf } from './read-catalogue.ts'
import { ownIndexColumns, tendOwnCatalogue, writeOwnIndex } from './review/own-catalogue.ts'
import { yankVersion } from './review/yank-version.ts'
import { type PulledIndex, pulledIndex } from './sweep-catalogues.ts'

/** A person waits so long for a mirror. Files that are here are verified, so that a damaged one is fetched again. */
const FIRST_PULL = { timeoutMs: 20_000, isThorough: true }

/** The result of a reading for the audit trail. */
const detailOf = (read: ReadIndex, { files, bytes }: PulledIndex['fetched']) => ({
  ...(read.ok ? { version: read.index.version } : { problem: read.code }),
  ...(files > 0 && { files, bytes }),
})

const TOO_MANY = `an organisation has at most ${CATALOGUES_MAX} catalogues`

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
      own: 0,
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
    if (before?.own === 1) throw problem('catalogue_refused', `${name} is your own catalogue, which the hub signs`)
    const present = before ? { ...before, keys: row.keys, signatures, url } : row
    const { read, fetched } = await pulledIndex(hub, present, FIRST_PULL, signal)
    // A large mirror continues in the background.
    const isRefused = !read.ok && !(url !== null && read.code === 'catalogue_incomplete' && fetched.files > 0)
    if (isRefused) throw problem('catalogue_refused', `${read.code}: ${read.message}`)
    await context.change(async (tx, note) => {
      const others = await listCatalogues(tx, organisationId)
      if (others.length >= CATALOGUES_MAX && !before) throw problem('catalogue_refused', TOO_MANY)
      await saveCatalogue(tx, row)
      await saveRefresh(tx, { organisationId, name }, refreshOf(hub, present, read))
      note.detail = { keys, signatures, ...(url !== null && { url }), ...detailOf(read, fetched) }
    })
    return catalogueOf(await knownCatalogue(hub, organisationId, name))
  }),
  create: os.catalogue.create.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId, caller } = context
    const nowMs = hub.clock.nowMs()
    const index = firstIndex(name, nowMs)
    const place = { organisation_id: organisationId, name, url: null, own: 1 }
    const row: MarketCatalogueTable = {
      ...place,
      ...(await ownIndexColumns(hub, place, index)),
      signatures: 1,
      added_at_ms: nowMs,
      added_by: caller.name,
    }
    await context.change(async (tx, note) => {
      const others = await listCatalogues(tx, organisationId)
      if (others.some((other) => other.name === name))
        throw problem('catalogue_refused', `there is a catalogue ${name}; choose another name`)
      if (others.length >= CATALOGUES_MAX) throw problem('catalogue_refused', TOO_MANY)
      await saveCatalogue(tx, row)
      note.object = { kind: 'catalogue', id: name }
    })
    const known = await knownCatalogue(hub, organisationId, name)
    await writeOwnIndex(hub, known, index)
    return catalogueOf(known)
  }),
  yank: os.catalogue.yank.handler(async ({ context, input }) => yankVersion(context, input)),
  refresh: os.catalogue.refresh.handler(async ({ context, input: { name }, signal = context.hub.signal }) => {
    const { hub, organisationId } = context
    const row = await knownCatalogue(hub, organisationId, name)
    if (row.own === 1) return refreshOwn(context, row)
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
    if (row.own === 1 && row.listings > 0) throw problem('catalogue_refused', PUBLISHED)
    await context.change(async (tx) => {
      if (!(await deleteCatalogue(tx, { organisationId, name }))) throw problem('catalogue_unknown')
    })
    // A person's own folder stays.
    if (row.url !== null || row.own === 1) await rm(folderOf(hub, row), { recursive: true, force: true })
    return {}
  }),
}

/** Subscribers have seen its number, so a catalogue of this name that begins anew would look rolled back. */
const PUBLISHED = 'listings are published in it, and its subscribers would refuse a new catalogue of this name'

/** Compares the folder with the database, and mends it. */
async function refreshOwn({ hub, organisationId, change }: KeyCall, row: CatalogueRow) {
  await tendOwnCatalogue(hub, row)
  await change(async (_tx, note) => {
    note.detail = { version: Number(row.index_version) }
  })
  return catalogueOf(await knownCatalogue(hub, organisationId, row.name))
}
