/** Copy kept: a file that this device keeps for its neighbours becomes its own, without a byte over the network. */
import type { Download } from '@skerry/platform/blobs/blob-download'
import { chunksOf, type FileHandle } from '@skerry/platform/files/file-system'
import type { WantedFile } from './cache-store.ts'

type Copy = {
  folder: Download['folder']
  open(digest: WantedFile['digest']): Promise<FileHandle | undefined>
  file: WantedFile
}

/** Whether the file is complete now. Otherwise its part stays as it is, or begins anew. */
export async function copyKept({ folder, open, file }: Copy, signal: AbortSignal): Promise<boolean> {
  if (await folder.has(file.digest)) return true
  await using source = await open(file.digest)
  if (!source || !(await folder.hasRoomFor(file.sizeBytes))) return false
  const opened = await folder.openPart(file.digest, signal, file.sizeBytes)
  if (!opened.ok) return false
  await using part = opened.part
  await part.reset()
  for await (const piece of chunksOf(source)) {
    signal.throwIfAborted()
    const appended = await part.append(piece, part.sizeBytes)
    if (!appended.ok) return false
  }
  return (await part.commit(file.digest)).ok
}
