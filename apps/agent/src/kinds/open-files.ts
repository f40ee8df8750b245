/** Open files: files of a version, in the clear, for programs of other users on the device. */
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { readSealedPieces } from '@skerry/platform/sealing/sealed-read'

/** Programs of all users read them. The folder above decides who may come here. */
const FOLDER_MODE = 0o755
const FILE_MODE = 0o644

/** `below`: the folder of the version with these files. `folder`: their new place, which exists. */
type Laying = { below: string; folder: string }

/** Copies the files, and returns when they would outlive a power cut. */
async function layFiles(
  fileSystem: FileSystem,
  files: readonly SourceFile[],
  { below, folder }: Laying,
): Promise<void> {
  const folders = new Set([folder])
  for (const file of files) {
    if (!file.name.startsWith(below)) continue
    const to = join(folder, file.name.slice(below.length))
    for (let each = dirname(to); each.length > folder.length; each = dirname(each)) folders.add(each)
    await copyFile(fileSystem, file, { from: folder, to })
  }
  for (const each of folders) await fileSystem.syncFolder(each)
}

/** `partial`: the folder in which the files are written, and where no reader finds them. */
type WholeLaying = { below: string; from: string; partial: string }

export type HasRoomFor = (sizeBytes: number) => Promise<boolean>

/** Lays the files in a new folder. A disk without room for all of them stays as it is, and a failure leaves no file. */
export async function layPartial(
  { fileSystem, hasRoomFor }: { fileSystem: FileSystem; hasRoomFor: HasRoomFor },
  { files }: Pick<DesiredItem, 'files'>,
  sources: readonly SourceFile[],
  { below, from, partial }: WholeLaying,
): Promise<void> {
  await fileSystem.removeTree(partial)
  const sizes = files.map(({ path, sizeBytes }) => (path.startsWith(below) ? sizeBytes : 0))
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0)
  if (!(await hasRoomFor(sizeBytes)))
    throw Object.assign(new Error(`the disk has no room for ${sizeBytes} bytes`), { code: 'ENOSPC' })
  try {
    await makeOpenFolder(fileSystem, from, partial)
    await layFiles(fileSystem, sources, { below, folder: partial })
  } catch (error) {
    // On a full disk, the rest would take the room that other programs need.
    await fileSystem.removeTree(partial).catch(() => undefined)
    throw error
  }
}

/** Makes the folders from `from` down to `to`, so that other users can enter them. */
export async function makeOpenFolder(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  await fileSystem.makeFolder(to)
  for (let folder = to; folder.length > from.length; folder = dirname(folder)) await chmod(folder, FOLDER_MODE)
}

type Place = { from: string; to: string }

async function copyFile(fileSystem: FileSystem, { path, seal }: SourceFile, { from, to }: Place): Promise<void> {
  await makeOpenFolder(fileSystem, from, dirname(to))
  await using file = await fileSystem.open(to, 'wx', FILE_MODE)
  // Nothing waits between the opening and the reading: the error of a stream that nobody reads would end the agent.
  const pieces: AsyncIterable<Uint8Array> = seal ? readSealedPieces(path, seal) : fileSystem.createReadStream(path)
  let at = 0
  for await (const piece of pieces) {
    await file.write(piece, at)
    at += piece.byteLength
  }
  await file.sync()
  // The user of the agent may have a mask that takes the right to read from others.
  await chmod(to, FILE_MODE)
}
