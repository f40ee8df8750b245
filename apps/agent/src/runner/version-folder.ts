/**
 * Version folder: a version's files under the names that its model refers to each other by, as the runtime wants them. They are second
 * names (hard links) of the blobs, so they cost nothing, and are made anew before each load: a blob that was replaced must not live on.
 */
import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/desired'
import type { BlobFolder } from '@skerry/platform/blob-folder'
import { systemCode } from '@skerry/platform/file-system'
import { hexOf } from '@skerry/platform/hash'

export type VersionFolders = {
  /** Where the version's files lie once `make` has made them. */
  pathOf(item: DesiredItem): string
  /** Makes the folder; gives its path. */
  make(item: DesiredItem): Promise<string>
  /** Removes the folders of all other versions. */
  keepOnly(items: readonly DesiredItem[]): Promise<void>
}

/** The folders of all versions below `path`. */
export function openVersionFolders(path: string, blobs: Pick<BlobFolder, 'pathOf'>): VersionFolders {
  const pathOf = ({ digest }: DesiredItem) => join(path, hexOf(digest))
  return {
    pathOf,
    async make(item) {
      const folder = pathOf(item)
      await rm(folder, { recursive: true, force: true })
      for (const { path: name, digest } of item.files) {
        await mkdir(dirname(join(folder, name)), { recursive: true })
        await secondName(blobs.pathOf(digest), join(folder, name))
      }
      return folder
    },
    async keepOnly(items) {
      const kept = new Set(items.map(({ digest }) => hexOf(digest)))
      const present = await readdir(path).catch(() => [])
      for (const name of present) if (!kept.has(name)) await rm(join(path, name), { recursive: true, force: true })
    },
  }
}

/** Symbolic links will not do: the runtime refuses external data that lies outside the model's folder once links are followed. */
async function secondName(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    // FAT and some network file systems have no second names.
    if (!['EPERM', 'ENOTSUP', 'EXDEV', 'EMLINK'].includes(systemCode(error) ?? '')) throw error
    await copyFile(from, to)
  }
}
