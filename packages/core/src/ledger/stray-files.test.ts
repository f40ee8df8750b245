import { Digest } from '@skerry/contract/values/digest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { straysToRemove } from './stray-files.ts'

const digests = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => Digest.parse(`sha256:${String(first + index).padStart(64, '0')}`))

test('a few files that arrived under the eyes of this hub go', () => {
  const fresh = digests(2)
  expect(straysToRemove({ files: 3, fresh, earlier: [], isAsked: false })).toEqual({
    remove: fresh,
    kept: 0,
    isHalted: false,
  })
})

test('files that were there before stay, whatever their number', () => {
  for (const count of [1, 5, 5_000]) {
    expect(straysToRemove({ files: count, fresh: [], earlier: digests(count), isAsked: false })).toEqual({
      remove: [],
      kept: count,
      isHalted: false,
    })
  }
})

test('more than a small share stops the sweep', () => {
  expect(straysToRemove({ files: 100, fresh: digests(6), earlier: [], isAsked: false })).toEqual({
    remove: [],
    kept: 6,
    isHalted: true,
  })
})

test('a person may ask that all go', () => {
  const facts = { files: 9, fresh: digests(6), earlier: digests(3, 6), isAsked: true }
  expect(straysToRemove(facts)).toMatchObject({ kept: 0, isHalted: false })
  expect(straysToRemove(facts).remove).toHaveLength(9)
})

test('unasked, never more than the share goes, and nothing that was there before', () => {
  const counts = fc.nat({ max: 300 })
  fc.assert(
    fc.property(counts, counts, counts, (known, fresh, earlier) => {
      const files = known + fresh + earlier
      const old = digests(earlier, fresh)
      const { remove } = straysToRemove({ files, fresh: digests(fresh), earlier: old, isAsked: false })
      expect(remove.length).toBeLessThanOrEqual(Math.max(5, files / 20))
      expect(remove.filter((digest) => old.includes(digest))).toEqual([])
    }),
  )
})
