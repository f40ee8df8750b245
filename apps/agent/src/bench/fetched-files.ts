/**
 * Fetched files: the files that the device has only because it measures them. They are noted on the disk before they are
 * fetched, so that they are removed after a power cut too.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { Digest } from '@skerry/contract/values/digest'
import type { ItemLife } from '@skerry/core/device/item-life'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'
import type { BlobIndex } from '../reconcile/blob-index.ts'

export type FetchedFiles = {
  /** Notes those that are not on the disk yet. */
  note(digests: readonly Digest[]): Promise<void>
  /** Removes the noted files that no record of the device names, and all else in the folder. */
  clear(): Promise<void>
}

export type FetchedFilesDeps = {
  /** A folder of its own. */
  path: string
  fileSystem: FileSystem
  has(digest: Digest): Promise<boolean>
  index: Pick<BlobIndex, 'remove' | 'removePart'>
  /** The items that records of the device name. */
  named(): readonly Pick<DesiredItem, 'files'>[]
}

const Noted = z.array(Digest)

export function openFetchedFiles({ path, fileSystem, has, index, named }: FetchedFilesDeps): FetchedFiles {
  const file = join(path, 'fetched.json')
  const noted = async () => {
    const text = await readFile(file, 'utf8').catch(() => '[]')
    return Noted.safeParse(parsed(text)).data ?? []
  }
  return {
    async note(digests) {
      const missing: Digest[] = []
      for (const digest of new Set(digests)) if (!(await has(digest))) missing.push(digest)
      await mkdir(path, { recursive: true })
      await writeAtomic(fileSystem, file, Buffer.from(JSON.stringify([...(await noted()), ...missing])))
    },
    async clear() {
      const kept = new Set(named().flatMap(({ files }) => files.map(({ digest }) => digest)))
      for (const digest of await noted()) {
        if (kept.has(digest)) continue
        await index.remove(digest)
        await index.removePart(digest)
      }
      await rm(path, { recursive: true, force: true })
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** All items of the records: wanted, serving, and the way back. */
export const namedItems = (wanted: readonly DesiredItem[], lives: readonly ItemLife[]): DesiredItem[] => [
  ...wanted,
  ...lives.flatMap(({ target, lastGood, previousGood }) =>
    [target, lastGood, previousGood].filter((item) => item !== undefined),
  ),
]
