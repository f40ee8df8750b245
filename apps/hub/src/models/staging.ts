/** Staging: lays the files of a version out under their own paths, as a runtime wants to find external data. Hard links: no byte is copied. */
import { link, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MODEL_PATH, type ModelFile } from '@skerry/contract/model'
import type { BlobFolder } from '@skerry/platform/blob-folder'

export type Staged = AsyncDisposable & { modelPath: string }

/**
 * Lays them out in a new folder, which goes when it is disposed. The paths are plain segments (contract, FilePath), so nothing can be laid
 * outside.
 */
export async function stageFiles(blobs: BlobFolder, folder: string, files: readonly ModelFile[]): Promise<Staged> {
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    for (const { path, digest } of files) {
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true })
      await link(blobs.pathOf(digest), target)
    }
  } catch (cause) {
    await remove()
    throw new Error(`laying out a version in ${folder}`, { cause })
  }
  return { modelPath: join(folder, MODEL_PATH), [Symbol.asyncDispose]: remove }
}
