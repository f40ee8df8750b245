import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHUNK_BYTES_MAX, createCutter, GROUP_CHUNKS_MAX } from './cutter.ts'

/** Bytes without a pattern, as weights are. */
function noise(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed | 1
  for (let at = 0; at < length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state
  }
  return bytes
}

type Cut = { ends: number[]; groupEnds: number[] }

/** The positions at which chunks and groups end, if the file arrives in pieces of these lengths. */
function cut(bytes: Uint8Array, pieceBytes: readonly number[] = [bytes.length]): Cut {
  const ends: number[] = []
  const groupEnds: number[] = []
  let end = 0
  const cutter = createCutter((chunk, endsGroup) => {
    expect(Buffer.compare(chunk, bytes.subarray(end, end + chunk.length))).toBe(0)
    end += chunk.length
    ends.push(end)
    if (endsGroup) groupEnds.push(end)
  })
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = pieceBytes[index % pieceBytes.length] ?? bytes.length
    // The buffer of a reader is overwritten by its next piece.
    const piece = Buffer.from(Uint8Array.from(bytes.subarray(at, at + length)))
    cutter.push(piece)
    piece.fill(0)
    at += length
  }
  cutter.end()
  return { ends, groupEnds }
}

const pieces = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 })
const file = fc
  .record({ seed: fc.integer({ min: 1 }), length: fc.integer({ min: 0, max: 300_000 }) })
  .map(({ seed, length }) => noise(seed, length))

test('the chunks make up the file, and do not depend on the pieces in which it arrives', () => {
  fc.assert(
    fc.property(file, pieces, (bytes, lengths) => {
      const whole = cut(bytes)
      expect(whole.ends.at(-1) ?? 0).toBe(bytes.length)
      expect(whole.groupEnds.at(-1) ?? 0).toBe(bytes.length)
      expect(cut(bytes, lengths)).toEqual(whole)
    }),
    { numRuns: 50 },
  )
})

test('chunks and groups keep their limits, also in a file of zeros', () => {
  for (const bytes of [noise(7, 2_000_000), new Uint8Array(3_000_000)]) {
    const { ends, groupEnds } = cut(bytes)
    const lengths = ends.map((end, index) => end - (ends[index - 1] ?? 0))
    expect(Math.max(...lengths)).toBeLessThanOrEqual(CHUNK_BYTES_MAX)
    const counts = groupEnds.map((end, index) => ends.indexOf(end) - ends.indexOf(groupEnds[index - 1] ?? -1))
    expect(Math.max(...counts)).toBeLessThanOrEqual(GROUP_CHUNKS_MAX)
  }
  const { ends, groupEnds } = cut(noise(7, 2_000_000))
  expect(2_000_000 / ends.length, 'usual length of a chunk').toBeGreaterThan(3_000)
  expect(2_000_000 / ends.length).toBeLessThan(7_000)
  expect(ends.length / groupEnds.length, 'usual number of chunks').toBeGreaterThan(8)
})

test('after an insertion, the chunks become the same again within a few chunks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1 }),
      fc.integer({ min: 0, max: 250_000 }),
      fc.integer({ min: 1, max: 500 }),
      (seed, at, length) => {
        const before = noise(seed, 300_000)
        const after = Buffer.concat([before.subarray(0, at), noise(seed + 1, length), before.subarray(at)])
        const old = new Set(cut(before).ends)
        const fresh = cut(after).ends
        const same = fresh.filter((end) => end <= at || old.has(end - length))
        expect(fresh.length - same.length).toBeLessThanOrEqual(12)
      },
    ),
    { numRuns: 50 },
  )
})

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))]
const field = (number: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(content.length)]), content])

/** [onnx.proto] A model with these tensors and nothing else. */
function model(tensors: readonly { name: string; data: Uint8Array }[]): Uint8Array {
  const initialisers = tensors.map(({ name, data }) =>
    field(5, Buffer.concat([Uint8Array.from([0x08, 5, 0x10, 1]), field(8, Buffer.from(name)), field(9, data)])),
  )
  const graph = Buffer.concat([field(2, Buffer.from('graph')), ...initialisers])
  return Buffer.concat([Uint8Array.from([0x08, 9]), field(2, Buffer.from('test')), field(7, graph)])
}

test('a group begins where the data of a large tensor begin, whatever lies before it', () => {
  const weights = noise(3, 100_000)
  const alone = model([{ name: 'weights', data: weights }])
  const tensorEnds = (bytes: Uint8Array, ends: readonly number[]) =>
    ends.map((end) => end - (bytes.length - weights.length)).filter((end) => end > 0)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 90_000 }), pieces, (headBytes, lengths) => {
      const bytes = model([
        { name: 'head', data: noise(5, headBytes) },
        { name: 'weights', data: weights },
      ])
      const { ends, groupEnds } = cut(bytes, lengths)
      expect(groupEnds).toContain(bytes.length - weights.length)
      expect(tensorEnds(bytes, ends)).toEqual(tensorEnds(alone, cut(alone).ends))
    }),
    { numRuns: 25 },
  )
})

test('the cutter reads a damaged or hostile model as a file without tensors', () => {
  const honest = model([{ name: 'weights', data: noise(3, 100_000) }])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(200), (junk, at) => {
      const bytes = Buffer.concat([honest.subarray(0, at), junk, honest.subarray(at)])
      expect(cut(bytes).ends.at(-1)).toBe(bytes.length)
    }),
  )
  expect(cut(Uint8Array.from([0x08, ...Array(100_000).fill(0xff)])).ends.at(-1)).toBe(100_001)
})
