/**
 * Releases: the releases whose images this driver gave to the engine, each in a file of its own. A file is written
 * before the first container is created, and removed before the last one: so a container of this device without a file
 * is a rest, also after a kill at any moment.
 */
import { join } from 'node:path'
import { App } from '@skerry/contract/apps/app'
import { type DesiredItem, readItem } from '@skerry/contract/devices/desired'
import { releaseKey } from '@skerry/core/apps/container-body'
import { parseJson } from '@skerry/core/values/parse-json'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

export type Release = {
  item: DesiredItem
  app: App
  /** It passed its probation here. */
  isProven: boolean
  /** It was unloaded, and only its images are kept, for a rollback. By the wall clock. */
  spareSinceMs?: number
}

/** A release is named by its `releaseKey`. */
export type Releases = {
  /** The loaded ones. */
  list(): Release[]
  /** The unloaded releases that are kept for a rollback, the newest first. */
  spares(): Release[]
  get(key: string): Release | undefined
  isLoaded(key: string): boolean
  add(release: Release): Promise<void>
  remove(key: string): Promise<void>
}

const Stored = z.object({
  item: z.unknown(),
  app: App,
  isProven: z.boolean(),
  spareSinceMs: z.number().optional(),
})

/** A driver that has read nothing yet has none. */
export const noReleases: Releases = {
  list: () => [],
  spares: () => [],
  get: () => undefined,
  isLoaded: () => false,
  add: async () => undefined,
  remove: async () => undefined,
}

/**
 * Reads them. A damaged file is that of an unknown release: its containers are removed, and its images loaded again.
 */
export async function openReleases(fileSystem: FileSystem, folder: string): Promise<Releases> {
  const releases = new Map<string, Release>()
  const pathOf = (key: string) => join(folder, `${key.replace('sha256:', '')}.json`)
  for (const name of await fileSystem.list(folder)) {
    const release = await readRelease(fileSystem, join(folder, name))
    if (release) releases.set(releaseKey(release.item), release)
  }
  const get = (key: string) => {
    const found = releases.get(key)
    return found && !isSpare(found) ? found : undefined
  }
  const isSpare = ({ spareSinceMs }: Release) => spareSinceMs !== undefined
  return {
    list: () => [...releases.values()].filter((release) => !isSpare(release)),
    spares: () =>
      [...releases.values()].filter(isSpare).toSorted((a, b) => (b.spareSinceMs ?? 0) - (a.spareSinceMs ?? 0)),
    get,
    isLoaded: (key) => get(key) !== undefined,
    async add(release) {
      await fileSystem.makeFolder(folder)
      await writeAtomic(fileSystem, pathOf(releaseKey(release.item)), JSON.stringify(release))
      releases.set(releaseKey(release.item), release)
    },
    async remove(key) {
      releases.delete(key)
      await fileSystem.removeFile(pathOf(key))
      await fileSystem.syncFolder(folder).catch(() => undefined)
    },
  }
}

async function readRelease(fileSystem: FileSystem, path: string): Promise<Release | undefined> {
  const bytes = path.endsWith('.json') ? await fileSystem.readFile(path) : undefined
  const stored = bytes && Stored.safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
  if (!stored?.success) return undefined
  const { item, spareSinceMs, ...rest } = stored.data
  const reading = readItem(item)
  if (!('item' in reading)) return undefined
  return { ...rest, item: reading.item, ...(spareSinceMs !== undefined && { spareSinceMs }) }
}
