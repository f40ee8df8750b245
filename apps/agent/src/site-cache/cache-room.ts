/** Cache room: the files for neighbours make room for newer ones, and for the files of this device itself. */
import type { Digest } from '@skerry/contract/values/digest'
import { filesToRemove, oldestFirst } from '@skerry/core/settings/site-caches'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import type { Log } from '@skerry/platform/process/log'

export type CacheRoom = {
  /** The file was used now. */
  use(digest: Digest): void
  /** Makes the cache small enough for one more file, and the disk if removed files can help. */
  fit(file: { digest: Digest; sizeBytes: number }): Promise<void>
  /** Removes files, and then parts, until the disk has room for so many bytes. Removes none if all together do not help. */
  freeDisk(sizeBytes: number, hasRoomFor: HasRoom): Promise<void>
  /** The bytes of all files and idle parts in the cache. */
  keptBytes(): Promise<number>
}

type HasRoom = (sizeBytes: number) => Promise<boolean>

type CacheRoomDeps = {
  kept: Pick<BlobFolder, 'remove' | 'listParts' | 'removePart' | 'hasRoomFor'> & {
    list(): AsyncIterable<{ digest: Digest; sizeBytes: number }>
  }
  bytesMax: number
  /** The file that is arriving now: its part stays. */
  arriving(): Digest | undefined
  monotonicMs(): number
  log: Log
}

/** A part checks the disk for some megabytes ahead. Without this margin its last megabytes would find no room. */
const AHEAD_BYTES = 16 * 1024 * 1024

type Kept = { digest: Digest; sizeBytes: number; usedAtMs: number }

export function openCacheRoom({ kept, bytesMax, arriving, monotonicMs, log }: CacheRoomDeps): CacheRoom {
  const usedAtMs = new Map<Digest, number>()
  const listKept = async (except?: Digest) => {
    const files: Kept[] = []
    for await (const { digest, sizeBytes } of kept.list()) {
      if (digest !== except) files.push({ digest, sizeBytes, usedAtMs: usedAtMs.get(digest) ?? 0 })
    }
    return files
  }
  const idleParts = async () => (await kept.listParts()).filter(({ key }) => !isPartOf(key, arriving()))
  const remove = async ({ digest, sizeBytes }: Kept) => {
    await kept.remove(digest)
    usedAtMs.delete(digest)
    log.info('site_cache_file_removed', { digest, sizeBytes })
  }
  const removeUntil = async (files: readonly Kept[], sizeBytes: number, hasRoomFor: HasRoom) => {
    if (await hasRoomFor(sizeBytes + AHEAD_BYTES)) return
    const parts = await idleParts()
    if (!(await hasRoomFor(sizeBytes - bytesOf(files) - bytesOf(parts)))) return
    for (const file of oldestFirst(files)) {
      await remove(file)
      if (await hasRoomFor(sizeBytes + AHEAD_BYTES)) return
    }
    for (const { key } of parts) await kept.removePart(key)
  }
  return {
    use: (digest) => void usedAtMs.set(digest, monotonicMs()),
    async fit({ digest, sizeBytes }) {
      for (const file of filesToRemove(await listKept(digest), { sizeBytes, bytesMax }) ?? []) await remove(file)
      // A part that nobody waits for any more would take space for ever.
      for (const { key } of await kept.listParts()) if (!isPartOf(key, digest)) await kept.removePart(key)
      await removeUntil(await listKept(digest), sizeBytes, kept.hasRoomFor)
    },
    freeDisk: async (sizeBytes, hasRoomFor) => removeUntil(await listKept(), sizeBytes, hasRoomFor),
    keptBytes: async () => bytesOf(await listKept()) + bytesOf(await idleParts()),
  }
}

/** A part shows its digest as a name of a file. */
const isPartOf = (key: string, digest: Digest | undefined) => key === digest || key === digest?.replace(':', '-')

const bytesOf = (files: readonly { sizeBytes: number }[]) => files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
