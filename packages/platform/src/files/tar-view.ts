/**
 * Tar view: files of a folder as the bytes of their archive (tar-write.ts), without a copy on the disk. Nobody needs to
 * know that the files still are the ones of the archive: a reader compares the bytes.
 */
import { join } from 'node:path'
import type { FileHandle, FileSystem } from './file-system.ts'
import { TAR_END, TAR_HEADER_BYTES, tarHeader, tarPadding } from './tar-write.ts'

/** A file whose bytes can be read, and nothing else. */
export type ReadableFile = AsyncDisposable & Pick<FileHandle, 'read' | 'close'>

export type TarViewFile = { path: string; sizeBytes: number }

type Content = { path: string } | { bytes(): Uint8Array }

/** A part of the archive. Ten thousand headers are not kept in memory. */
type Piece = Content & { start: number; length: number }

/** The archive of these files of the folder, in this order. It ends early at a file that is gone, or shorter. */
export function openTarView(
  { folder, fileSystem }: { folder: string; fileSystem: Pick<FileSystem, 'open'> },
  files: readonly TarViewFile[],
): ReadableFile {
  const pieces = piecesOf(files)
  let open: { path: string; file: FileHandle } | undefined
  const close = async () => {
    const last = open
    open = undefined
    await last?.file.close()
  }
  const fileAt = async (path: string): Promise<FileHandle> => {
    if (open?.path === path) return open.file
    await close()
    open = { path, file: await fileSystem.open(join(folder, path), 'r') }
    return open.file
  }
  const readPiece = async (piece: Piece, into: Uint8Array, from: number): Promise<number> => {
    if ('path' in piece) return (await fileAt(piece.path)).read(into, from)
    into.set(piece.bytes().subarray(from, from + into.length))
    return into.length
  }
  return {
    async read(buffer, position) {
      let filled = 0
      for (let at = pieceAt(pieces, position); filled < buffer.length; at++) {
        const piece = pieces[at]
        if (!piece) break
        const from = position + filled - piece.start
        const wanted = Math.min(buffer.length - filled, piece.length - from)
        const into = buffer.subarray(filled, filled + wanted)
        // The version may be removed meanwhile, or the disk fails.
        const read = await readPiece(piece, into, from).catch(() => 0)
        filled += read
        if (read < wanted) break
      }
      return filled
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function piecesOf(files: readonly TarViewFile[]): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  const add = (length: number, content: Content) => {
    if (length > 0) pieces.push({ ...content, start, length })
    start += length
  }
  for (const { path, sizeBytes } of files) {
    add(TAR_HEADER_BYTES, { bytes: () => tarHeader(path, sizeBytes) })
    add(sizeBytes, { path })
    add(tarPadding(sizeBytes).length, { bytes: () => tarPadding(sizeBytes) })
  }
  add(TAR_END.length, { bytes: () => TAR_END })
  return pieces
}

/** The place of the piece that has this byte; behind the last one if none has it. */
function pieceAt(pieces: readonly Piece[], position: number): number {
  let [low, high] = [0, pieces.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const piece = pieces[middle]
    if (piece && piece.start + piece.length <= position) low = middle + 1
    else high = middle
  }
  return low
}
