/**
 * Chunk index: the chunks of one file, so that a device fetches only those that it has in no other file. It is an
 * addition to the download of a whole file: an older hub has none, and an older agent requests none.
 *
 *     GET  /v1/blobs/{digest}/chunks   length of the envelope (two bytes) | envelope (JSON) | root
 *     POST /v1/blobs/{digest}/chunks   body: runs of bytes in the pages; answer: these bytes of the pages
 *     POST /v1/blobs/{digest}/runs     body: runs of bytes in the file; answer: these bytes, perhaps as one zstd stream
 *
 * The root has an entry for each group of chunks, and each group has a page with an entry for each of its chunks. The
 * id of a group is the digest of its page. So the signature over the root covers each byte of the file.
 */
import * as z from 'zod'
import { statementEnvelope } from '../link/link-message.ts'
import { Digest } from '../values/digest.ts'

export const CHUNK_INDEX_PAYLOAD_TYPE = 'application/vnd.skerry.chunk-index.v1+json'

/** Below it, the requests for an index cost more time than the bytes that it saves. */
export const CHUNKED_BYTES_MIN = 256 * 1024

/** The largest ONNX file. A device keeps the list of the missing chunks in memory: 100 MB for a file of this size. */
export const CHUNKED_BYTES_MAX = 2 ** 31

/** The coding of the bytes of a file on the wire: weights often cannot be compressed. */
export const RunCoding = z.enum(['identity', 'zstd'])
export type RunCoding = z.infer<typeof RunCoding>

/** Strict: a device does not use an index with a field that it does not know. */
export const ChunkStatement = z.strictObject({
  v: z.literal(1),
  /** The rules by which the file is cut (core, chunks/cutter.ts). */
  cut: z.literal(1),
  blob: Digest,
  sizeBytes: z.int().min(CHUNKED_BYTES_MIN).max(CHUNKED_BYTES_MAX),
  /** SHA-256 of the root. */
  root: Digest,
  coding: RunCoding,
})
export type ChunkStatement = z.infer<typeof ChunkStatement>

export const ChunkEnvelope = statementEnvelope(CHUNK_INDEX_PAYLOAD_TYPE)
export type ChunkEnvelope = z.infer<typeof ChunkEnvelope>
