import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FoundBox, type OverlapRule, overlapOf, suppress } from './boxes.ts'

const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom })

test.each([
  ['the same', box(0, 0, 10, 10), box(0, 0, 10, 10), 1],
  ['a half of it', box(0, 0, 10, 10), box(0, 0, 10, 5), 1 / 2],
  ['a third of both together', box(0, 0, 10, 10), box(5, 0, 15, 10), 1 / 3],
  ['beside it', box(0, 0, 10, 10), box(10, 0, 20, 10), 0],
  ['of no size', box(0, 0, 10, 10), box(5, 5, 5, 5), 0],
])('two boxes share what they cover: %s', (_, a, b, share) => {
  expect(overlapOf(a, b)).toBeCloseTo(share, 12)
  expect(overlapOf(b, a)).toBeCloseTo(share, 12)
})

test('of boxes around one thing the surest stays; of another class, only where all suppress all', () => {
  const found: FoundBox[] = [
    { ...box(0, 0, 10, 10), classIndex: 0, score: 0.6 },
    { ...box(1, 0, 11, 10), classIndex: 0, score: 0.9 },
    { ...box(0, 0, 10, 10), classIndex: 1, score: 0.7 },
    { ...box(50, 0, 60, 10), classIndex: 0, score: 0.5 },
  ]
  const scores = (rule: Partial<OverlapRule>) =>
    suppress(found, { iouMax: 0.5, among: 'class', max: 9, ...rule }).map(({ score }) => score)
  expect(scores({})).toEqual([0.9, 0.7, 0.5])
  expect(scores({ among: 'all' })).toEqual([0.9, 0.5])
  expect(scores({ iouMax: 1 })).toEqual([0.9, 0.7, 0.6, 0.5])
  expect(scores({ max: 1 })).toEqual([0.9])
})

const side = fc.integer({ min: 0, max: 40 })
const found = fc.array(
  fc
    .record({
      x: side,
      y: side,
      w: side,
      h: side,
      classIndex: fc.nat({ max: 2 }),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ x, y, w, h, ...rest }): FoundBox => ({ ...box(x, y, x + w, y + h), ...rest })),
  { maxLength: 40 },
)
const rule = fc.record({
  iouMax: fc.double({ min: 0, max: 1, noNaN: true }),
  max: fc.integer({ min: 1, max: 50 }),
  among: fc.constantFrom('class', 'all'),
})

test('of what stays no two of a class overlap by more, what goes overlaps a surer one, and once more changes nothing', () => {
  fc.assert(
    fc.property(found, rule, (found, rule) => {
      const kept = suppress(found, rule)
      const isOne = (a: FoundBox, b: FoundBox) => rule.among === 'all' || a.classIndex === b.classIndex
      for (const [at, a] of kept.entries()) {
        for (const b of kept.slice(at + 1)) {
          expect(isOne(a, b) && overlapOf(a, b) > rule.iouMax).toBe(false)
          expect(a.score).toBeGreaterThanOrEqual(b.score)
        }
      }
      const gone = found.filter((one) => !kept.includes(one))
      const isBeaten = (one: FoundBox) =>
        kept.some((other) => isOne(one, other) && other.score >= one.score && overlapOf(one, other) > rule.iouMax)
      expect(kept.length === rule.max || gone.every(isBeaten)).toBe(true)
      expect(suppress(kept, rule)).toEqual(kept)
    }),
  )
})
