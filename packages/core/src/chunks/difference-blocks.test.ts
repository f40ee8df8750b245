import { BLOCK_CODINGS, DIFFERENCE_BLOCK_BYTES, DIFFERENCES_BYTES_MAX } from '@skerry/contract/chunks/differences'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeReferredRuns,
  encodeReferredRuns,
  joinReferredRuns,
  type ReferredRun,
  RUNS_MAX,
  runsBytes,
} from './byte-runs.ts'
import type { Part } from './delta-plan.ts'
import { arrange, blocksOf, restore } from './difference-blocks.ts'
import { placeInReference } from './reference-places.ts'

const OLD = 2 ** 40

const runs = fc
  .array(
    fc.record({
      gap: fc.nat(2 ** 30),
      length: fc.integer({ min: 1, max: 2 ** 17 }),
      from: fc.nat(OLD - 2 ** 17),
    }),
    { maxLength: 30 },
  )
  .map((steps) => {
    const list: ReferredRun[] = []
    let end = 0
    for (const { gap, length, from } of steps) {
      list.push({ start: end + gap, length, from })
      end += gap + length
    }
    return list
  })

test('runs with their places survive the wire, and lie in both files', () => {
  fc.assert(
    fc.property(runs, (list) => {
      const last = list.at(-1)
      const sizeBytes = last ? last.start + last.length : 0
      const bytes = encodeReferredRuns(list)
      expect(decodeReferredRuns(bytes, { sizeBytes, oldSizeBytes: OLD })).toEqual(list)
      const oldEnd = Math.max(0, ...list.map(({ from, length }) => from + length))
      if (!last) return
      expect(decodeReferredRuns(bytes, { sizeBytes: sizeBytes - 1, oldSizeBytes: OLD })).toBeUndefined()
      expect(decodeReferredRuns(bytes, { sizeBytes, oldSizeBytes: oldEnd - 1 })).toBeUndefined()
    }),
  )
})

test('a hub takes no place outside the files, whatever the bytes are', () => {
  const sizes = { sizeBytes: 1_000_000, oldSizeBytes: 500_000 }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      for (const { start, length, from } of decodeReferredRuns(bytes, sizes) ?? []) {
        expect(length).toBeGreaterThan(0)
        expect(start + length).toBeLessThanOrEqual(sizes.sizeBytes)
        expect(from).toBeGreaterThanOrEqual(0)
        expect(from + length).toBeLessThanOrEqual(sizes.oldSizeBytes)
      }
    }),
  )
  expect(decodeReferredRuns(encodeReferredRuns([{ start: 5, length: 1, from: -1 }]), sizes)).toBeUndefined()
  expect(decodeReferredRuns(Uint8Array.of(5, 1), sizes)).toBeUndefined()
  const long = encodeReferredRuns([{ start: 0, length: DIFFERENCES_BYTES_MAX + 1, from: 0 }])
  const large = { sizeBytes: 2 ** 31, oldSizeBytes: 2 ** 31 }
  expect(decodeReferredRuns(long, large)).toBeUndefined()
  const most = encodeReferredRuns([{ start: 0, length: DIFFERENCES_BYTES_MAX, from: 0 }])
  expect(decodeReferredRuns(most, large)).toHaveLength(1)
  const many = Array.from({ length: RUNS_MAX + 1 }, (_, index) => ({ start: 2 * index, length: 1, from: 0 }))
  expect(decodeReferredRuns(encodeReferredRuns(many), sizes)).toBeUndefined()
})

test('runs join only if they touch in both files', () => {
  const list = [
    { start: 0, length: 10, from: 100 },
    { start: 10, length: 5, from: 110 },
    { start: 15, length: 5, from: 116 },
    { start: 21, length: 5, from: 121 },
  ]
  expect(joinReferredRuns(list)).toEqual([{ start: 0, length: 15, from: 100 }, ...list.slice(2)])
})

test('blocks have all bytes of the runs in order, and only the last one is short', () => {
  fc.assert(
    fc.property(runs, (list) => {
      const blocks = blocksOf(list)
      expect(joinReferredRuns(blocks.flatMap((block) => block.runs))).toEqual(joinReferredRuns(list))
      for (const [index, block] of blocks.entries()) {
        expect(runsBytes(block.runs)).toBe(block.length)
        if (index < blocks.length - 1) expect(block.length).toBe(DIFFERENCE_BLOCK_BYTES)
        else expect(block.length).toBeGreaterThan(0)
      }
    }),
  )
})

test.each(BLOCK_CODINGS)('bytes that are arranged by %o are restored', (coding) => {
  const pair = fc.nat(70).chain((length) => {
    const bytes = fc.uint8Array({ minLength: length, maxLength: length })
    return fc.tuple(bytes, bytes)
  })
  fc.assert(
    fc.property(pair, ([bytes, old]) => {
      expect(restore(arrange(bytes, old, coding), old, coding)).toEqual(bytes)
    }),
  )
})

test('the planes of two numbers that differ in their last bytes hold the zeros together', () => {
  const coding = { old: 'subtracted', planes: 4 } as const
  const arranged = arrange(Uint8Array.of(9, 2, 3, 4, 7, 2, 3, 4, 1), Uint8Array.of(1, 2, 3, 4, 8, 2, 3, 4, 1), coding)
  expect([...arranged]).toEqual([8, 255, 0, 0, 0, 0, 0, 0, 0])
})

const part = (start: number, length: number, place?: number): Part<number> => ({
  id: String(start),
  start,
  length,
  ...(place !== undefined && { place }),
})

test('a missing part lies in the old file as its unchanged neighbours do, and within the old file', () => {
  const parts = [part(0, 10), part(10, 10, 110), part(20, 10), part(30, 10, 25), part(40, 10), part(50, 10)]
  const reference = { sizeBytes: 200, startOf: (place: number) => place }
  const fromOf = (list: readonly Part<number>[]) => list.map(({ from }) => from)
  expect(fromOf(placeInReference(parts, reference))).toEqual([100, undefined, 120, undefined, 35, 45])
  expect(fromOf(placeInReference(parts, { ...reference, sizeBytes: 125 }))[2]).toBe(115)
  // Parts of another file say nothing about this one.
  const elsewhere = { sizeBytes: 45, startOf: () => undefined }
  expect(fromOf(placeInReference(parts, elsewhere))).toEqual([0, undefined, 20, undefined, 35, 35])
})
