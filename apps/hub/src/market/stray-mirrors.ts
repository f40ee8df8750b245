/** Stray mirrors: folders of subscriptions that ended with their organisation, or that were refused after some files came. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hub } from '../hub.ts'
import type { CatalogueRow } from './catalogue-store.ts'
import { folderOf, mirrorsOf } from './read-catalogue.ts'

/** A subscription that is being made has a folder, and no row yet. It takes less than a minute. */
const YOUNG_MS = 3_600_000

type Deps = Pick<Hub, 'config' | 'clock'>

/** Removes the mirrors without a subscription. Folders that a person fills are never touched. */
export async function removeStrayMirrors(hub: Deps, rows: readonly CatalogueRow[]): Promise<void> {
  const kept = new Set(rows.map((row) => folderOf(hub, row)))
  const mirrors = mirrorsOf(hub)
  for (const organisation of await readdir(mirrors).catch(() => [])) {
    for (const name of await readdir(join(mirrors, organisation)).catch(() => [])) {
      const folder = join(mirrors, organisation, name)
      const { mtimeMs } = await stat(folder)
      if (!kept.has(folder) && hub.clock.nowMs() - mtimeMs > YOUNG_MS)
        await rm(folder, { recursive: true, force: true })
    }
  }
}
