import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ByteRun, decodeRuns, encodeRuns, joinRuns, RUNS_MAX, runsBytes } from './byte-runs.ts'
import { batchesOf, fetchedBytes, isWorthwhile, type Part } from './delta-plan.ts'

const runs = fc
  .array(fc.record({ gap: fc.nat(2 ** 40), length: fc.integer({ min: 1, max: 2 ** 24 }) }), { maxLength: 50 })
  .map((steps) => {
    const list: ByteRun[] = []
    let end = 0
    for (const { gap, length } of steps) {
      list.push({ start: end + gap, length })
      end += gap + length
    }
    return list
  })
const endOf = (list: readonly ByteRun[]) => (list.at(-1)?.start ?? 0) + (list.at(-1)?.length ?? 0)

test('runs survive the wire, and lie in the file', () => {
  fc.assert(
    fc.property(runs, (list) => {
      expect(decodeRuns(encodeRuns(list), endOf(list))).toEqual(list)
      if (list.length > 0) expect(decodeRuns(encodeRuns(list), endOf(list) - 1)).toBeUndefined()
    }),
  )
})

test('a hub takes no list that is cut, too long or empty of bytes, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const list = decodeRuns(bytes, 1_000_000)
      if (list) expect(list.every(({ start, length }) => length > 0 && start + length <= 1_000_000)).toBe(true)
    }),
  )
  expect(decodeRuns(Uint8Array.of(5), 100)).toBeUndefined()
  expect(decodeRuns(Uint8Array.of(5, 0), 100)).toBeUndefined()
  expect(decodeRuns(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1), 100)).toBeUndefined()
  const many = Array.from({ length: RUNS_MAX + 1 }, (_, index) => ({ start: 2 * index, length: 1 }))
  expect(decodeRuns(encodeRuns(many), 10_000)).toBeUndefined()
})

test('joined runs have the same bytes, and none touches the next', () => {
  const touching = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }).map((lengths) => {
    let start = 0
    return lengths.flatMap((length, index) => {
      const run = { start, length }
      start += length + (index % 3 === 0 ? 1 : 0)
      return [run]
    })
  })
  fc.assert(
    fc.property(touching, (list) => {
      const joined = joinRuns(list)
      expect(runsBytes(joined)).toBe(runsBytes(list))
      expect(joined.every(({ start }, index) => index === 0 || start > endOf(joined.slice(0, index)))).toBe(true)
    }),
  )
})

test('batches have all parts in order, and one request fetches the parts of each', () => {
  const parts = fc
    .array(fc.record({ length: fc.integer({ min: 1, max: 2 ** 20 }), isHere: fc.boolean() }))
    .map((list) => {
      let start = 0
      return list.map(({ length, isHere }): Part<string> => {
        const part = { id: String(start), start, length, ...(isHere && { place: 'here' }) }
        start += length
        return part
      })
    })
  fc.assert(
    fc.property(parts, (list) => {
      const batches = batchesOf(list)
      expect(batches.flatMap((batch) => batch.parts)).toEqual(list)
      expect(batches.reduce((sum, batch) => sum + runsBytes(batch.runs), 0)).toBe(fetchedBytes(list))
      for (const batch of batches) {
        const wanted = batch.parts.filter(({ place }) => place === undefined)
        const joined = joinRuns(wanted.map(({ start, length }) => ({ start, length })))
        expect(batch.runs).toEqual(joined.map((run) => ({ ...run, from: run.start })))
        expect(runsBytes(batch.runs)).toBeLessThanOrEqual(64 * 2 ** 20)
      }
    }),
  )
})

test('no request names more runs than a hub takes', () => {
  const list = Array.from(
    { length: 5_000 },
    (_, index): Part<string> => ({
      id: String(index),
      start: 10 * index,
      length: 10,
      ...(index % 2 === 0 && { place: 'here' }),
    }),
  )
  const batches = batchesOf(list)
  expect(batches.map((batch) => batch.runs.length)).toEqual([1_024, 1_024, 452])
})

test('a delta must save a fifth', () => {
  expect([isWorthwhile(80, 100), isWorthwhile(81, 100), isWorthwhile(0, 0)]).toEqual([true, false, true])
})
