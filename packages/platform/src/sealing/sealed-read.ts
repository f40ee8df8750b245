/** Sealed read: all bytes of a sealed file at once, in the thread that calls, for a runtime that takes bytes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
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

/** The plain bytes, in memory of their own. Throws SealBroken where they are not those that were sealed. */
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
