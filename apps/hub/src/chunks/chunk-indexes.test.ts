import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { type ByteRun, joinRuns } from '@skerry/core/chunks/byte-runs'
import { buildChunkIndex } from '@skerry/platform/chunks/chunk-index'
import { digestOf } from '@skerry/platform/files/hash'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeChunkNote, readChunkNote } from './chunk-note.ts'
import { encodeRuns, readRuns } from './read-runs.ts'

const signal = AbortSignal.timeout(600_000)
const bytes = randomBytes(700_000)
const digest = digestOf(bytes)

/** A store that sends its bytes in pieces of this length. */
const storeOf = (pieceBytes: number) => ({
  async *read(_: unknown, { start = 0, end = 0 }: { start?: number; end?: number }) {
    for (let at = start; at <= end; at += pieceBytes) yield bytes.subarray(at, Math.min(at + pieceBytes, end + 1))
  },
})

test('reads exactly the bytes of the runs, in any pieces', async () => {
  const runs = fc
    .array(fc.record({ gap: fc.nat(200_000), length: fc.integer({ min: 1, max: 60_000 }) }), { maxLength: 8 })
    .map((steps) => {
      const list: ByteRun[] = []
      let end = 0
      for (const { gap, length } of steps) {
        if (end + gap + length > bytes.length) break
        list.push({ start: end + gap, length })
        end += gap + length
      }
      return joinRuns(list)
    })
  await fc.assert(
    fc.asyncProperty(runs, fc.integer({ min: 1_000, max: 300_000 }), async (list, pieceBytes) => {
      const plain = encodeRuns(readRuns(storeOf(pieceBytes), digest, list, signal), 'identity')
      const expected = Buffer.concat(list.map(({ start, length }) => bytes.subarray(start, start + length)))
      expect(Buffer.concat(await plain.toArray()).equals(expected)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a stored index comes back, and a damaged one does not', async () => {
  const index = await buildChunkIndex(Readable.from([bytes]), signal)
  const note = encodeChunkNote(index)
  expect(readChunkNote(note, bytes.length)).toEqual(index)
  for (const at of [0, 31, 32, 36, 500, note.length - 1]) {
    const damaged = Buffer.from(note)
    damaged[at] = (damaged[at] ?? 0) ^ 1
    expect(readChunkNote(damaged, bytes.length), `byte ${at}`).toBeUndefined()
  }
  expect(readChunkNote(note.subarray(0, 20), bytes.length)).toBeUndefined()
})
