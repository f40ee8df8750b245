import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRange } from './byte-range.ts'

test.each([
  [undefined, { kind: 'all' }],
  ['bytes=0-9', { kind: 'part', start: 0, end: 9 }],
  ['bytes=5-', { kind: 'part', start: 5, end: 99 }],
  ['bytes=-5', { kind: 'part', start: 95, end: 99 }],
  ['bytes=-500', { kind: 'part', start: 0, end: 99 }],
  ['bytes=90-500', { kind: 'part', start: 90, end: 99 }],
  ['bytes=100-', { kind: 'unsatisfiable' }],
  ['bytes=-0', { kind: 'unsatisfiable' }],
  ['bytes=9-5', { kind: 'all' }],
  ['bytes=-', { kind: 'all' }],
  ['bytes=0-1,3-4', { kind: 'all' }],
  ['lines=0-1', { kind: 'all' }],
  ['bytes=0x1-2', { kind: 'all' }],
])('the range %s of 100 bytes', (header, wish) => {
  expect(parseRange(header, 100)).toEqual(wish)
})

test('no part of an empty blob can be sent', () => {
  expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' })
  expect(parseRange('bytes=-1', 0)).toEqual({ kind: 'unsatisfiable' })
})

test('a range always lies within the blob', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat(1_000), (noise, from, to, size) => {
      for (const header of [noise, `bytes=${from}-${to}`, `bytes=${from}-`, `bytes=-${to}`]) {
        const wish = parseRange(header, size)
        if (wish.kind !== 'part') continue
        expect(wish.start).toBeGreaterThanOrEqual(0)
        expect(wish.start).toBeLessThanOrEqual(wish.end)
        expect(wish.end).toBeLessThan(size)
      }
    }),
  )
})
