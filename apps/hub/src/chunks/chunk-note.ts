/** Chunk note: the index of a blob as a small file beside the blobs. It is removed with the blob. */
import type { RunCoding } from '@skerry/contract/chunks/chunk-index'
import type { Digest } from '@skerry/contract/values/digest'
import type { ChunkIndex } from '@skerry/platform/chunks/chunk-index'
import { digestOf, hexOf } from '@skerry/platform/files/hash'

/** The name of the file. The number is that of the cut: another cut has other files. */
export const chunkNote = (digest: Digest): string => `chunks-1-${hexOf(digest)}`

const DIGEST_BYTES = 32
const HEAD_BYTES = DIGEST_BYTES + 5
const CODINGS: readonly RunCoding[] = ['identity', 'zstd']

/** SHA-256 of all that follows | number of the coding (1) | length of the root (4) | root | pages. */
export function encodeChunkNote({ root, pages, coding }: ChunkIndex): Uint8Array {
  const head = Buffer.alloc(5)
  head.writeUInt8(CODINGS.indexOf(coding), 0)
  head.writeUInt32BE(root.length, 1)
  const content = Buffer.concat([head, root, pages])
  return Buffer.concat([Buffer.from(hexOf(digestOf(content)), 'hex'), content])
}

/** Undefined if the file is damaged: then the index is built again. */
export function readChunkNote(bytes: Uint8Array, sizeBytes: number): ChunkIndex | undefined {
  if (bytes.length < HEAD_BYTES) return undefined
  const note = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const content = note.subarray(DIGEST_BYTES)
  const coding = CODINGS[content.readUInt8(0)]
  if (note.toString('hex', 0, DIGEST_BYTES) !== hexOf(digestOf(content)) || !coding) return undefined
  const pagesAt = 5 + content.readUInt32BE(1)
  return { root: content.subarray(5, pagesAt), pages: content.subarray(pagesAt), sizeBytes, coding }
}
