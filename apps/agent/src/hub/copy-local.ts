/**
 * Copy local: a file from another place on this disk becomes a file of the device itself, without a byte over the
 * network. The places are the files for neighbours, and installed versions of the agent.
 */
import type { Download } from '@skerry/platform/blobs/blob-download'
import { chunksOf, type FileHandle } from '@skerry/platform/files/file-system'
import type { WantedFile } from '../site-cache/cache-store.ts'

type Copy = {
  folder: Download['folder']
  /** Undefined if the place does not have the file. */
  open(): Promise<FileHandle | undefined>
  file: WantedFile
}

/** Whether the file is complete now. Otherwise its part stays as it is, or begins anew. */
export async function copyLocal({ folder, open, file }: Copy, signal: AbortSignal): Promise<boolean> {
  if (await folder.has(file.digest)) return true
  await using source = await open()
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
