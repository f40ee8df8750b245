/** Unpack: the files of an agent package as a folder that the launcher can start. */
import { dirname, join } from 'node:path'
import type { AgentPackage, AgentPart } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { readTar } from '@skerry/platform/files/tar-read'
import { readSealedPieces } from '@skerry/platform/sealing/sealed-read'

/** An archive of the agent has ten thousand files and its modules. */
const FILES_MAX = 100_000

export type Unpacking = {
  fileSystem: FileSystem
  sources: readonly SourceFile[]
  manifest: AgentPackage
  /** The bytes of the manifest, which the launcher reads too. */
  text: string
}

/** The folder that is filled. The launcher starts no version of this name. */
export const partOf = (target: string): string => `${target}.part`

/**
 * Fills a folder beside `target`, and renames it once all of it is on the disk. So a folder of that name is complete.
 */
export async function unpackAgent(
  target: string,
  { fileSystem, sources, manifest, text }: Unpacking,
  signal: AbortSignal,
): Promise<void> {
  const part = partOf(target)
  await fileSystem.removeTree(part)
  await fileSystem.makeFolder(part)
  for (const piece of manifest.parts) {
    const source = sources.find(({ name }) => name === piece.path)
    if (!source) throw new Error(`the version has no ${piece.path}`)
    await unpackPart(part, piece, source, fileSystem, signal)
  }
  await writeAll(fileSystem, join(part, AGENT_PATH), [Buffer.from(text)], false)
  await fileSystem.syncAll(part)
  await fileSystem.rename(part, target)
  await fileSystem.syncFolder(dirname(target))
}

async function unpackPart(
  folder: string,
  { path, form }: AgentPart,
  source: SourceFile,
  fileSystem: FileSystem,
  signal: AbortSignal,
): Promise<void> {
  const bytes = piecesOf(source, fileSystem)
  if (form === 'program') return writeAll(fileSystem, join(folder, path), bytes, true)
  let count = 0
  await readTar(bytes, async (head, content) => {
    signal.throwIfAborted()
    count += 1
    if (count > FILES_MAX) throw new Error(`${path} has over ${FILES_MAX} files`)
    await writeAll(fileSystem, join(folder, head.path), content, head.isProgram)
  })
}

async function writeAll(
  fileSystem: FileSystem,
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isProgram: boolean,
): Promise<void> {
  await fileSystem.makeFolder(dirname(path))
  await using file = await fileSystem.open(path, 'wx', isProgram ? 0o700 : 0o600)
  let at = 0
  for await (const piece of bytes) {
    await file.write(piece, at)
    at += piece.length
  }
}

/** The text of one source. */
export async function textOf(source: SourceFile, fileSystem: FileSystem): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of piecesOf(source, fileSystem)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}

/** The plain bytes of the file. */
export const piecesOf = ({ path, seal }: SourceFile, fileSystem: FileSystem): AsyncIterable<Uint8Array> =>
  seal ? readSealedPieces(path, seal) : fileSystem.createReadStream(path)
