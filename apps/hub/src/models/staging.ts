/** Staging: lays the files of a version out under their own paths, as a runtime wants to find external data. */
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ModelFile } from '@skerry/contract/models/model'
import { ownFile } from '@skerry/platform/files/own-file'
import { reportDamage } from '../blobs/blob-collection.ts'
import { isProblem, problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'

export type Staged = AsyncDisposable & {
  folder: string
  modelPath: string
  /** Gives the files beside the model bytes of their own (inference, hard-links.ts). */
  ownFiles(): Promise<void>
}

/**
 * Lays them out in a new folder, which goes when it is disposed. The paths are plain segments (contract, FilePath), so nothing can be laid
 * outside.
 */
export async function stageFiles(
  hub: Hub,
  { folder, files }: { folder: string; files: readonly ModelFile[] },
  signal: AbortSignal,
): Promise<Staged> {
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    for (const { path, digest } of files) {
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true })
      const laidOut = await hub.blobs.layOut(digest, target, signal)
      if (laidOut.ok) continue
      if (laidOut.code === 'blob_damaged') await reportDamage(hub, digest)
      throw problem('blob_unknown', `${path}: ${laidOut.message}`)
    }
  } catch (cause) {
    await remove()
    if (isProblem(cause)) throw cause
    throw new Error(`laying out a version in ${folder}`, { cause })
  }
  return {
    folder,
    modelPath: join(folder, MODEL_PATH),
    async ownFiles() {
      const deps = { spare: `${folder}.own`, hasRoomFor: hub.blobs.hasRoomFor }
      for (const { path } of files) {
        if (path !== MODEL_PATH && !(await ownFile(join(folder, path), deps))) throw problem('storage_full')
      }
    },
    [Symbol.asyncDispose]: remove,
  }
}

/** A crash may have ended a push and left its files behind. */
export async function emptyStaging(data: string): Promise<string> {
  const staging = join(data, 'staging')
  await rm(staging, { recursive: true, force: true })
  return staging
}
