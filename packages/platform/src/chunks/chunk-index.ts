/**
 * Chunk index: its bytes, and the way from a file to them (contract, chunks/chunk-index.ts).
 *
 *     root   for each group: id (16) | length (4) | number of chunks (1)
 *     page   for each chunk: id (16) | length - 1 (2)
 *
 * An id is the first half of a SHA-256: of the bytes of a chunk, or of the page of a group. 128 bits suffice, because
 * the digest of the whole file is verified at the end.
 */
import { hash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import type { RunCoding } from '@skerry/contract/chunks/chunk-index'
import { createCutter, GROUP_CHUNKS_MAX } from '@skerry/core/chunks/cutter'

export type ChunkIndex = { root: Uint8Array; pages: Uint8Array; sizeBytes: number; coding: RunCoding }

/** Positions are in the file; `pageStart` is in the pages. */
export type Group = { id: string; start: number; length: number; pageStart: number; pageLength: number }
export type Chunk = { id: string; start: number; length: number }

const ID_BYTES = 16
const GROUP_BYTES = ID_BYTES + 5
const CHUNK_BYTES = ID_BYTES + 2

/** A page names at most 1 MiB. */
export const PAGE_BYTES_MAX = GROUP_CHUNKS_MAX * CHUNK_BYTES

/** The id of a chunk or a page, as a short text for maps. */
export const idOf = (bytes: Uint8Array): string =>
  (hash('sha256', bytes, 'buffer') as Buffer).toString('latin1', 0, ID_BYTES)

/** The groups and chunks of a file, in order. Chunks are valid until the call returns. */
export type Watcher = {
  chunk?(chunk: Chunk, bytes: Uint8Array): void
  group?(group: Omit<Group, 'pageStart' | 'pageLength'>, page: Uint8Array): void
}

/** Cuts the pieces of a file as they are pushed. */
export function watchChunks(watcher: Watcher) {
  const page = Buffer.alloc(PAGE_BYTES_MAX)
  let pageLength = 0
  let start = 0
  let groupStart = 0
  return createCutter((bytes, endsGroup) => {
    const id = idOf(bytes)
    page.write(id, pageLength, 'latin1')
    page.writeUInt16BE(bytes.length - 1, pageLength + ID_BYTES)
    pageLength += CHUNK_BYTES
    watcher.chunk?.({ id, start, length: bytes.length }, bytes)
    start += bytes.length
    if (!endsGroup) return
    const whole = page.subarray(0, pageLength)
    watcher.group?.({ id: idOf(whole), start: groupStart, length: start - groupStart }, whole)
    groupStart = start
    pageLength = 0
  })
}

/** One piece in sixteen shows whether the file can be compressed. */
const SAMPLE_EVERY = 16

/** Below five percent, the work of compressing is not worth it. */
const WORTH = 0.95

/** Builds the index of a file from all of its bytes. */
export async function buildChunkIndex(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ChunkIndex> {
  const roots: Buffer[] = []
  const pages: Buffer[] = []
  const sample = { plain: 0, packed: 0 }
  const cutter = watchChunks({
    group({ id, length }, page) {
      const entry = Buffer.alloc(GROUP_BYTES)
      entry.write(id, 0, 'latin1')
      entry.writeUInt32BE(length, ID_BYTES)
      entry.writeUInt8(page.length / CHUNK_BYTES, ID_BYTES + 4)
      roots.push(entry)
      pages.push(Buffer.from(page))
    },
  })
  let sizeBytes = 0
  let count = 0
  for await (const piece of pieces) {
    signal.throwIfAborted()
    cutter.push(piece)
    sizeBytes += piece.length
    if (count % SAMPLE_EVERY === 0) {
      sample.plain += piece.length
      sample.packed += zstdCompressSync(piece, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }).length
    }
    count += 1
  }
  cutter.end()
  const coding = sample.packed < sample.plain * WORTH ? 'zstd' : 'identity'
  return { root: Buffer.concat(roots), pages: Buffer.concat(pages), sizeBytes, coding }
}

/** Undefined if the bytes are no root of a file of that size. */
export function readRoot(root: Uint8Array, sizeBytes: number): Group[] | undefined {
  if (root.length % GROUP_BYTES !== 0) return undefined
  const bytes = Buffer.from(root.buffer, root.byteOffset, root.length)
  const groups: Group[] = []
  let start = 0
  let pageStart = 0
  for (let at = 0; at < bytes.length; at += GROUP_BYTES) {
    const length = bytes.readUInt32BE(at + ID_BYTES)
    const pageLength = bytes.readUInt8(at + ID_BYTES + 4) * CHUNK_BYTES
    if (length === 0 || pageLength === 0 || pageLength > PAGE_BYTES_MAX) return undefined
    groups.push({ id: bytes.toString('latin1', at, at + ID_BYTES), start, length, pageStart, pageLength })
    start += length
    pageStart += pageLength
  }
  return start === sizeBytes ? groups : undefined
}

/** The chunks of a group. Undefined if the bytes are not its page. */
export function readPage(group: Group, page: Uint8Array): Chunk[] | undefined {
  if (page.length !== group.pageLength || idOf(page) !== group.id) return undefined
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.length)
  const chunks: Chunk[] = []
  let { start } = group
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const length = bytes.readUInt16BE(at + ID_BYTES) + 1
    chunks.push({ id: bytes.toString('latin1', at, at + ID_BYTES), start, length })
    start += length
  }
  return start === group.start + group.length ? chunks : undefined
}

/** The bytes of a file that lie in none of the others, by their indexes; with the part of its index that moves. */
export function missingBytes(wanted: ChunkIndex, others: readonly ChunkIndex[]): number {
  const known = new Set(others.flatMap((other) => idsOf(other)))
  const bytes = groupsOf(wanted)
    .filter(({ id }) => !known.has(id))
    .map((group) => group.pageLength + lengthsOf(pageOf(wanted, group).filter(({ id }) => !known.has(id))))
    .reduce((sum, each) => sum + each, wanted.root.length)
  return Math.min(bytes, wanted.sizeBytes)
}

const groupsOf = ({ root, sizeBytes }: ChunkIndex): Group[] => readRoot(root, sizeBytes) ?? []

const pageOf = ({ pages }: ChunkIndex, group: Group): Chunk[] =>
  readPage(group, pages.subarray(group.pageStart, group.pageStart + group.pageLength)) ?? []

const idsOf = (index: ChunkIndex): string[] =>
  groupsOf(index).flatMap((group) => [group.id, ...pageOf(index, group).map(({ id }) => id)])

const lengthsOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { length }) => sum + length, 0)
