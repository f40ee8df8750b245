/**
 * Cluster releases: the versions that the agent has applied to its cluster, each in a file of its own. A file is
 * written before the first object is applied, and removed before the last one. So an object of this agent without a
 * file is a rest, also after a kill at any moment.
 */
import { join } from 'node:path'
import { type DesiredItem, readItem } from '@skerry/contract/devices/desired'
import { releaseObjectName } from '@skerry/core/kubernetes/cluster-names'
import { parseJson } from '@skerry/core/values/parse-json'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

export type ClusterRelease = {
  item: DesiredItem
  /** By the wall clock: since when its pods are being started. */
  sinceMs: number
}

/** A release is named by its objects. */
export type ClusterReleases = {
  list(): ClusterRelease[]
  get(item: DesiredItem): ClusterRelease | undefined
  add(release: ClusterRelease): Promise<void>
  remove(item: DesiredItem): Promise<void>
}

const Stored = z.object({ item: z.unknown(), sinceMs: z.number() })

/** Reads them. A damaged file is that of an unknown release: its objects are removed, and applied again if needed. */
export async function openClusterReleases(fileSystem: FileSystem, folder: string): Promise<ClusterReleases> {
  const releases = new Map<string, ClusterRelease>()
  const pathOf = (name: string) => join(folder, `${name}.json`)
  for (const name of await fileSystem.list(folder)) {
    const release = await readRelease(fileSystem, join(folder, name))
    if (release) releases.set(releaseObjectName(release.item), release)
  }
  return {
    list: () => [...releases.values()],
    get: (item) => releases.get(releaseObjectName(item)),
    async add(release) {
      const name = releaseObjectName(release.item)
      await fileSystem.makeFolder(folder)
      await writeAtomic(fileSystem, pathOf(name), JSON.stringify(release))
      releases.set(name, release)
    },
    async remove(item) {
      const name = releaseObjectName(item)
      if (!releases.delete(name)) return
      await fileSystem.removeFile(pathOf(name))
      await fileSystem.syncFolder(folder).catch(() => undefined)
    },
  }
}

async function readRelease(fileSystem: FileSystem, path: string): Promise<ClusterRelease | undefined> {
  const bytes = path.endsWith('.json') ? await fileSystem.readFile(path) : undefined
  const stored = bytes && Stored.safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
  if (!stored?.success) return undefined
  const reading = readItem(stored.data.item)
  return 'item' in reading ? { item: reading.item, sinceMs: stored.data.sinceMs } : undefined
}
