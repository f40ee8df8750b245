import { createCipheriv } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { BLOCK_CODINGS, DIFFERENCE_BLOCK_BYTES, DIFFERENCE_HEAD_BYTES } from '@skerry/contract/chunks/differences'
import { blocksOf } from '@skerry/core/chunks/difference-blocks'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlockMalformed, decodeBlocks, encodeBlock } from './difference-coding.ts'
import { createExactReader } from './exact-reader.ts'

/** Bytes without a pattern, the same in each run. */
const noise = (seed: number, length: number) =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))

async function* piecesOf(bytes: Uint8Array, length = 1_000) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function decoded(coded: Uint8Array, old: Uint8Array, length = old.length): Promise<Buffer> {
  const blocks = blocksOf([{ start: 0, length, from: 0 }])
  const oldBytes = async ({ runs }: (typeof blocks)[number]) =>
    Buffer.concat(runs.map((run) => old.subarray(run.from, run.from + run.length)))
  const pieces: Uint8Array[] = []
  for await (const piece of decodeBlocks(createExactReader(piecesOf(coded)), blocks, oldBytes)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const codingOf = (coded: Uint8Array) => BLOCK_CODINGS[coded[0] ?? 0]

/** Weights as training moves them: all of them a little. */
function tuned(old: Float32Array): Buffer {
  const random = noise(9, old.length)
  return Buffer.from(old.map((value, index) => value + 1e-4 * ((random[index] ?? 0) / 255 - 0.5)).buffer)
}

const weights = Float32Array.from(noise(1, 8_192), (byte) => byte / 255 - 0.5)
const oldWeights = Buffer.from(weights.buffer)

const text = (edit: string) =>
  Buffer.from(Array.from({ length: 700 }, (_, line) => `${line === 90 ? edit : ''}line ${line * 7_919}\n`).join(''))

test('tuned weights shrink to their differences, in planes of four bytes', async () => {
  const bytes = tuned(weights)
  const coded = await encodeBlock(bytes, oldWeights)
  expect(codingOf(coded)).toMatchObject({ old: 'subtracted', planes: 4 })
  expect(coded.length).toBeLessThan(bytes.length * 0.7)
  expect(await decoded(coded, oldWeights)).toEqual(bytes)
})

test('a text with a new line shrinks to the line, with the old text as the dictionary', async () => {
  const old = text('')
  const bytes = text('a new line\n').subarray(0, old.length)
  const coded = await encodeBlock(bytes, old)
  expect(codingOf(coded)).toMatchObject({ old: 'dictionary' })
  expect(coded.length).toBeLessThan(150)
  expect(await decoded(coded, old)).toEqual(bytes)
})

test('bytes without a pattern are stored, and cost four bytes more', async () => {
  const bytes = noise(2, DIFFERENCE_BLOCK_BYTES)
  const coded = await encodeBlock(bytes, noise(3, DIFFERENCE_BLOCK_BYTES))
  expect(coded.length).toBe(bytes.length + DIFFERENCE_HEAD_BYTES)
  expect(await decoded(coded, noise(3, DIFFERENCE_BLOCK_BYTES))).toEqual(bytes)
})

test('old bytes that look like a trained dictionary of zstd do no harm', async () => {
  const old = Buffer.concat([Buffer.from('37a430ec', 'hex'), noise(4, 20_000)])
  const bytes = Buffer.concat([Buffer.from('xy'), old.subarray(0, -2)])
  expect(await decoded(await encodeBlock(bytes, old), old)).toEqual(bytes)
})

test('each pair of bytes survives the wire', async () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(noise(5, 200))))
  const bytes = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => Buffer.concat(pieces))
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (one, other) => {
      const length = Math.min(one.length, other.length)
      const old = other.subarray(0, length)
      const coded = await encodeBlock(one.subarray(0, length), old)
      expect(coded.length).toBeLessThanOrEqual(length + DIFFERENCE_HEAD_BYTES)
      if (length > 0) expect((await decoded(coded, old)).equals(one.subarray(0, length))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

const head = (coding: number, length: number) => Buffer.of(coding, length >> 16, (length >> 8) & 255, length & 255)
const framed = (coding: number, content: Uint8Array) => Buffer.concat([head(coding, content.length), content])
const old = noise(6, 2_000)

test.each<[string, Uint8Array, RegExp]>([
  ['of a coding that does not exist', framed(BLOCK_CODINGS.length, noise(7, 10)), /does not know the coding/],
  ['that claims 16 MB', head(1, 0xffffff), /longer than its bytes/],
  ['that is no zstd', framed(1, noise(7, 100)), /cannot be decompressed/],
  ['that unpacks to 50 MB', framed(1, zstdCompressSync(Buffer.alloc(50_000_000))), /cannot be decompressed/],
  ['that unpacks to one byte more', framed(1, zstdCompressSync(Buffer.alloc(2_001))), /cannot be decompressed/],
  ['that unpacks to one byte less', framed(5, zstdCompressSync(Buffer.alloc(1_999))), /another length/],
  ['that stores too few bytes', framed(0, old.subarray(1)), /another length/],
])('a block %s is rejected', async (_, coded, reason) => {
  await expect(decoded(coded, old)).rejects.toThrow(BlockMalformed)
  await expect(decoded(coded, old)).rejects.toThrow(reason)
})

test('blocks that are cut short end before the cut block', async () => {
  const bytes = tuned(weights)
  const coded = await encodeBlock(bytes, oldWeights)
  for (const end of [0, 3, 4, coded.length - 1])
    expect(await decoded(coded.subarray(0, end), oldWeights)).toEqual(Buffer.alloc(0))
})
