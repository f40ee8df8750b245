/** Open files: files of a version, in the clear, for programs of other users on the device. */
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { readSealedPieces } from '@skerry/platform/sealing/sealed-read'

/** Programs of all users read them. The folder above decides who may come here. */
const FOLDER_MODE = 0o755
const FILE_MODE = 0o644

/** `below`: the folder of the version with these files. `folder`: their new place, which exists. */
type Laying = { below: string; folder: string }

/** Copies the files, and returns when they would outlive a power cut. */
export async function layFiles(
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

/** Makes the folders from `from` down to `to`, so that other users can enter them. */
export async function makeOpenFolder(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  await fileSystem.makeFolder(to)
  for (let folder = to; folder.length > from.length; folder = dirname(folder)) await chmod(folder, FOLDER_MODE)
}

type Place = { from: string; to: string }

async function copyFile(fileSystem: FileSystem, { path, seal }: SourceFile, { from, to }: Place): Promise<void> {
  await makeOpenFolder(fileSystem, from, dirname(to))
  const pieces: AsyncIterable<Uint8Array> = seal ? readSealedPieces(path, seal) : fileSystem.createReadStream(path)
  await using file = await fileSystem.open(to, 'wx', FILE_MODE)
  let at = 0
  for await (const piece of pieces) {
    await file.write(piece, at)
    at += piece.byteLength
  }
  await file.sync()
  // The user of the agent may have a mask that takes the right to read from others.
  await chmod(to, FILE_MODE)
}
