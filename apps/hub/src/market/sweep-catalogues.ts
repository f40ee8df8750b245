/** Sweep catalogues: reads every catalogue of every organisation, and mirrors those with a URL. */
import type { Hub } from '../hub.ts'
import type { Tx } from '../store/store.ts'
import { type CatalogueRow, everyCatalogue, saveRefresh } from './catalogue-store.ts'
import { pullCatalogue } from './mirror-catalogue.ts'
import { type ReadIndex, readIndex, refreshOf } from './read-catalogue.ts'
import { tendOwnCatalogue } from './review/own-catalogue.ts'
import { removeStrayMirrors } from './stray-mirrors.ts'

/** A first mirror of 4 GiB at 20 Mbit/s. A longer one continues at the next sweep, with the files that it has. */
const PULL_MS_MAX = 1_800_000

/** An unreadable catalogue does not hold up the others. Folders come first, because a mirror may take minutes. */
export async function sweepCatalogues(hub: Hub): Promise<void> {
  const rows = await everyCatalogue(hub.store.db)
  for (const row of rows.filter(({ own }) => own === 1)) await tendOwnCatalogue(hub, row)
  const others = rows.filter(({ own }) => own === 0)
  for (const row of others.filter(({ url }) => url === null)) await save(hub, row, await readIndex(hub, row))
  for (const row of others.filter(({ url }) => url !== null)) {
    const { read } = await pulledIndex(hub, row, { timeoutMs: PULL_MS_MAX, isThorough: false }, hub.signal)
    await save(hub, row, read)
  }
  await removeStrayMirrors(hub, await everyCatalogue(hub.store.db))
}

const save = (hub: Hub, row: CatalogueRow, read: ReadIndex) =>
  hub.store.transaction((tx: Tx) =>
    saveRefresh(tx, { organisationId: row.organisation_id, name: row.name }, refreshOf(hub, row, read)),
  )

export type PulledIndex = { read: ReadIndex; fetched: { files: number; bytes: number } }

/** The index in the folder, after a catalogue with a URL has been mirrored into it. */
export async function pulledIndex(
  hub: Hub,
  row: CatalogueRow,
  { timeoutMs, isThorough }: { timeoutMs: number; isThorough: boolean },
  signal: AbortSignal,
): Promise<PulledIndex> {
  const fetched = { files: 0, bytes: 0 }
  if (row.url === null) return { read: await readIndex(hub, row), fetched }
  const pulled = await pullCatalogue(hub, { row, url: row.url, isThorough, fetched, timeoutMs }, signal)
  if (fetched.files > 0) hub.log.info('catalogue_mirrored', { catalogue: row.name, ...fetched })
  return { read: pulled.ok ? await readIndex(hub, row) : pulled, fetched }
}
