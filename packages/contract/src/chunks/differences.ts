/**
 * Differences: missing bytes of a file, coded against an old file that the hub and the device both have. A device names
 * for each missing run a place in the old file that probably resembles it. Nothing is kept for a pair of files.
 *
 *     GET  /v1/blobs/{digest}/chunks               the answer has the header `x-skerry-differences: 1`
 *     POST /v1/blobs/{digest}/differences/{old}    body: runs with their places in the old file; answer: blocks
 *
 * A block is the next 32 KiB of the requested bytes, joined:
 *
 *     number of the coding (1) | length of the rest (3) | the bytes in this coding
 *
 * An older hub sends no header, and an older agent ignores it. The device compares each chunk with its id in the signed
 * index, so that a wrong block or a changed old file never gets into the file.
 */

/** The header of the answer with the index. */
export const DIFFERENCES_HEADER = 'x-skerry-differences'

/** The version of the codings below. A hub with other codings sends another number. */
export const DIFFERENCES_VERSION = '1'

/** A broken line loses at most one block. Blocks of 16 KiB would cost 2 % more, and blocks of 256 KiB save 5 %. */
export const DIFFERENCE_BLOCK_BYTES = 32 * 1024

export const DIFFERENCE_HEAD_BYTES = 4

/** The hub keeps a list of the blocks of a request in memory: 2,048 of them. */
export const DIFFERENCES_BYTES_MAX = 64 * 2 ** 20

/**
 * `old`: the old bytes are not in use, are the dictionary of zstd, or are subtracted byte by byte.
 *
 * `planes`: the first bytes of all numbers of that length come first, then the second bytes. The high bytes of tuned
 * weights then stand together, and are nearly all 0.
 */
export type BlockCoding = {
  old: 'unused' | 'dictionary' | 'subtracted'
  planes: 1 | 2 | 4
  packing: 'none' | 'zstd'
}

/** The bytes themselves. */
export const STORED_CODING: BlockCoding = { old: 'unused', planes: 1, packing: 'none' }

/** The number of a coding on the wire is its place in this list. */
export const BLOCK_CODINGS: readonly BlockCoding[] = [
  STORED_CODING,
  { old: 'unused', planes: 1, packing: 'zstd' },
  { old: 'unused', planes: 2, packing: 'zstd' },
  { old: 'unused', planes: 4, packing: 'zstd' },
  { old: 'dictionary', planes: 1, packing: 'zstd' },
  { old: 'subtracted', planes: 1, packing: 'zstd' },
  { old: 'subtracted', planes: 2, packing: 'zstd' },
  { old: 'subtracted', planes: 4, packing: 'zstd' },
]
