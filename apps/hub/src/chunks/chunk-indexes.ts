/**
 * Chunk indexes: the index of each large blob. A hub builds it at the first request for it, and keeps it beside the
 * blobs for itself and for the other hubs.
 */
import { CHUNKED_BYTES_MAX, CHUNKED_BYTES_MIN } from '@skerry/contract/chunks/chunk-index'
import type { Digest } from '@skerry/contract/values/digest'
import { buildChunkIndex, type ChunkIndex } from '@skerry/platform/chunks/chunk-index'
import type { Hub } from '../hub.ts'
import { chunkNote, encodeChunkNote, readChunkNote } from './chunk-note.ts'

export type ChunkIndexes = {
  /** Undefined if the blob is too small or too large for an index. */
  of(digest: Digest, sizeBytes: number): Promise<ChunkIndex | undefined>
}

type IndexHub = Pick<Hub, 'blobs' | 'signal' | 'log'>

/** In bytes. The indexes of 150 models of 40 MB: more are not rolled out at the same time. */
const KEPT_BYTES_MAX = 32 * 2 ** 20

export const isChunked = (sizeBytes: number): boolean =>
  sizeBytes >= CHUNKED_BYTES_MIN && sizeBytes <= CHUNKED_BYTES_MAX

/** Keeps the indexes in memory that were used last. Simultaneous requests build an index once. */
export function createChunkIndexes(hub: IndexHub): ChunkIndexes {
  const kept = new Map<Digest, Promise<ChunkIndex>>()
  const sizes = new Map<Digest, number>()
  const keep = (digest: Digest, index: ChunkIndex) => {
    sizes.set(digest, index.root.length + index.pages.length)
    let total = [...sizes.values()].reduce((sum, each) => sum + each, 0)
    for (const [oldest, bytes] of sizes) {
      if (total <= KEPT_BYTES_MAX) return
      total -= bytes
      sizes.delete(oldest)
      kept.delete(oldest)
    }
  }
  return {
    async of(digest, sizeBytes) {
      if (!isChunked(sizeBytes)) return undefined
      const known = kept.get(digest)
      if (known) return known
      const reading = loadChunkIndex(hub, digest, sizeBytes)
      kept.set(digest, reading)
      try {
        const index = await reading
        keep(digest, index)
        return index
      } catch (error) {
        kept.delete(digest)
        throw error
      }
    },
  }
}

/** The stored index; or a new one, which is then stored. */
export async function loadChunkIndex(hub: IndexHub, digest: Digest, sizeBytes: number): Promise<ChunkIndex> {
  const { blobs, signal, log } = hub
  const name = chunkNote(digest)
  const stored = await blobs.readNote(name, signal)
  const read = stored && readChunkNote(stored, sizeBytes)
  if (read) return read
  const index = await buildChunkIndex(blobs.read(digest, {}, signal), signal)
  if (index.sizeBytes !== sizeBytes) throw new Error(`${digest} has ${index.sizeBytes} bytes, not ${sizeBytes}`)
  const bytes = encodeChunkNote(index)
  if (await blobs.hasRoomFor(bytes.length)) {
    // Without the stored file, the index is built again after the next start.
    const unstored = (error: unknown) => log.warn('chunk_index_unstored', { digest, error })
    await blobs.writeNote(name, bytes, signal).catch(unstored)
  }
  log.info('chunk_index_built', { digest, sizeBytes, indexBytes: bytes.length, coding: index.coding })
  return index
}
