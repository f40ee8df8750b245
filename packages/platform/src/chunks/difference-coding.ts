/** Difference coding: one block of differences as bytes on the wire, and back (contract, chunks/differences.ts). */
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress } from 'node:zlib'
import {
  BLOCK_CODINGS,
  type BlockCoding,
  DIFFERENCE_HEAD_BYTES,
  STORED_CODING,
} from '@skerry/contract/chunks/differences'
import { arrange, type DifferenceBlock, restore } from '@skerry/core/chunks/difference-blocks'
import type { ExactReader } from './exact-reader.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** As for chunks without an old file. The work is done in the threads of Node. */
const ZSTD_LEVEL = 6

/** The codings are compared by the middle of a block, so that a block costs little more than one compression. */
const SAMPLE_BYTES = 8_192

/** [zstd_compression_format.md, Dictionary Format] Old bytes that begin so are no plain dictionary. */
const DICTIONARY_MAGIC = 0xec30a437

/** Old and new bytes of a block have 64 KiB together. A larger window would only take memory. */
const WINDOW_LOG_MAX = 18

/** The bytes of a block on the wire. `old` has as many bytes as `bytes`. */
export async function encodeBlock(bytes: Uint8Array, old: Uint8Array): Promise<Uint8Array> {
  const coding = bestCoding(bytes, old)
  const arranged = arrange(bytes, old, coding)
  const packed = await compress(arranged, zstdOptions(ZSTD_LEVEL, coding, old))
  return packed.length < bytes.length ? framed(coding, packed) : framed(STORED_CODING, bytes)
}

const PACKED = BLOCK_CODINGS.filter(({ packing }) => packing === 'zstd')

function framed(coding: BlockCoding, content: Uint8Array): Uint8Array {
  const head = Buffer.alloc(DIFFERENCE_HEAD_BYTES)
  head.writeUInt8(BLOCK_CODINGS.indexOf(coding), 0)
  head.writeUIntBE(content.length, 1, 3)
  return Buffer.concat([head, content])
}

/** The coding by which the sample is smallest. */
function bestCoding(bytes: Uint8Array, old: Uint8Array): BlockCoding {
  // A sample begins at a whole number, so that planes of the sample resemble the planes of the block.
  const start = Math.max(0, (bytes.length - SAMPLE_BYTES) >> 1) & ~7
  const sample = bytes.subarray(start, start + SAMPLE_BYTES)
  const oldSample = old.subarray(start, start + SAMPLE_BYTES)
  let best: { coding: BlockCoding; length: number } | undefined
  for (const coding of PACKED) {
    if (coding.old === 'dictionary' && !isPlainDictionary(old, oldSample)) continue
    const { length } = zstdCompressSync(arrange(sample, oldSample, coding), zstdOptions(1, coding, oldSample))
    if (!best || length < best.length) best = { coding, length }
  }
  return best?.coding ?? STORED_CODING
}

const isPlainDictionary = (...dictionaries: Uint8Array[]): boolean =>
  dictionaries.every(
    (bytes) => bytes.length >= 8 && Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE(0) !== DICTIONARY_MAGIC,
  )

function zstdOptions(level: number, coding: BlockCoding, old: Uint8Array) {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_windowLog]: WINDOW_LOG_MAX }
  return coding.old === 'dictionary' ? { params, dictionary: Buffer.from(old) } : { params }
}

/** The bytes are no block, or the old file cannot be read. The chunks can be fetched without the old file. */
export class BlockMalformed extends Error {}

/**
 * The bytes of the blocks that arrive, one block after the other. It ends early if the stream does. `oldBytes` reads the
 * old bytes of a block.
 */
export async function* decodeBlocks(
  reader: ExactReader,
  blocks: readonly DifferenceBlock[],
  oldBytes: (block: DifferenceBlock) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (const block of blocks) {
    const head = await reader.read(DIFFERENCE_HEAD_BYTES)
    if (!head) return
    const coding = BLOCK_CODINGS[head.readUInt8(0)]
    const length = head.readUIntBE(1, 3)
    if (!coding) throw new BlockMalformed(`this agent does not know the coding ${head.readUInt8(0)}`)
    // The hub sends no block that is longer than its bytes.
    if (length > block.length) throw new BlockMalformed('a block is longer than its bytes')
    const content = await reader.read(length)
    if (!content) return
    yield await decodeBlock(content, coding, block, oldBytes)
  }
}

async function decodeBlock(
  content: Uint8Array,
  coding: BlockCoding,
  block: DifferenceBlock,
  oldBytes: (block: DifferenceBlock) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const old = coding.old === 'unused' ? new Uint8Array(0) : await readOld(block, oldBytes)
  const arranged = coding.packing === 'none' ? content : await unpack(content, coding, block.length, old)
  if (arranged.length !== block.length) throw new BlockMalformed('a block has another length than requested')
  return restore(arranged, old, coding)
}

async function readOld(
  block: DifferenceBlock,
  oldBytes: (block: DifferenceBlock) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    return await oldBytes(block)
  } catch (cause) {
    throw new BlockMalformed('the old file cannot be read', { cause })
  }
}

/** A block that would have more bytes than requested is rejected before it takes their memory. */
async function unpack(content: Uint8Array, { old: use }: BlockCoding, maxOutputLength: number, old: Uint8Array) {
  const params = { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX }
  const options = { params, maxOutputLength }
  try {
    return await decompress(content, use === 'dictionary' ? { ...options, dictionary: Buffer.from(old) } : options)
  } catch (cause) {
    throw new BlockMalformed('a block cannot be decompressed', { cause })
  }
}
