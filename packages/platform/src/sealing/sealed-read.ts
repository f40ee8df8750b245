/**
 * Sealed read: the bytes of a sealed file. All at once in the thread that calls, for a runtime that takes bytes, or
 * piece by piece, for a file that is larger than the memory.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import {
  CHUNK_BYTES,
  chunkAt,
  chunkCountOf,
  type FileSeal,
  openChunk,
  SealBroken,
  sealedChunkSizeOf,
  sealedSizeOf,
  totalBytesOf,
} from './sealed-format.ts'

/** The plain bytes, in memory of their own. Throws SealBroken if they are not the sealed ones. */
export function readSealedFile(path: string, seal: FileSeal): Uint8Array<ArrayBuffer> {
  const totalBytes = totalBytesOf(seal)
  const file = openSync(path, 'r')
  try {
    if (fstatSync(file).size !== sealedSizeOf(totalBytes)) throw new SealBroken(`${path} has the wrong size`)
    const plain = new Uint8Array(totalBytes)
    const chunk = Buffer.allocUnsafe(sealedChunkSizeOf(CHUNK_BYTES))
    for (let index = 0; index < chunkCountOf(totalBytes); index++) {
      const found = readSync(file, chunk, 0, chunk.length, chunkAt(index))
      plain.set(openChunk(seal, index, chunk.subarray(0, found)), index * CHUNK_BYTES)
    }
    return plain
  } finally {
    closeSync(file)
  }
}

/** The plain bytes in order, each piece in memory of its own. Throws SealBroken if they are not the sealed ones. */
export async function* readSealedPieces(path: string, seal: FileSeal): AsyncGenerator<Uint8Array> {
  const totalBytes = totalBytesOf(seal)
  await using file = await open(path)
  const { size } = await file.stat()
  if (size !== sealedSizeOf(totalBytes)) throw new SealBroken(`${path} has the wrong size`)
  const chunk = Buffer.allocUnsafe(sealedChunkSizeOf(CHUNK_BYTES))
  for (let index = 0; index < chunkCountOf(totalBytes); index++) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, chunkAt(index))
    yield openChunk(seal, index, chunk.subarray(0, bytesRead))
  }
}
