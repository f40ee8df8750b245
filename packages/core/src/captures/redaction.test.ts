import { Redacted } from '@skerry/contract/captures/capture'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptiedRuns, isBox, parseRedaction } from './redaction.ts'

const indexes = (text: string, shape: number[], name = 'image') => {
  const elements = shape.slice(1).reduce((all, size) => all * size, 1)
  return emptiedRuns(parseRedaction(text), { name, shape, elements }).flatMap(([from, to]) =>
    Array.from({ length: to - from }, (_, at) => from + at),
  )
}

const ALL = Array.from({ length: 12 }, (_, at) => at)

test.each([
  ['image[0:1,1:3]', [1, 3, 4], [1, 2]],
  ['image[1:3, :]', [1, 3, 4], [4, 5, 6, 7, 8, 9, 10, 11]],
  ['image[:,1:2]', [1, 3, 4], [1, 5, 9]],
  // The box ends at the edge of the picture.
  ['image[2:9,3:9]', [1, 3, 4], [11]],
  ['image[9:12,0:2]', [1, 3, 4], []],
  ['image[:,0:1,0:1]', [1, 3, 2, 2], [0, 4, 8]],
  ['image[0:1,0:1]', [1, 2, 2, 3], [0, 1, 2]],
  ['image[1]', [1, 3, 4], [1]],
  ['image', [1, 3, 4], ALL],
  ['other[0:1]', [1, 3, 4], []],
  // No box fits: all of it is emptied.
  ['image[0:1,0:1,0:1]', [1, 3, 4], ALL],
  ['image[:,:]', [1, 3, 4], ALL],
])('%s of a tensor of the shape %j empties %j', (text, shape, expected) => {
  expect(indexes(text, shape)).toEqual(expected)
})

test('a box empties exactly the elements inside its ranges', () => {
  const axis = fc.integer({ min: 1, max: 5 })
  const range = fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 5 })).map(([from, more]) => [from, from + more])
  fc.assert(
    fc.property(axis, axis, axis, range, range, (depth, height, width, [y = 0, yEnd = 0], [x = 0, xEnd = 0]) => {
      const emptied = new Set(indexes(`image[:,${y}:${yEnd},${x}:${xEnd}]`, [1, depth, height, width]))
      for (let at = 0; at < depth * height * width; at++) {
        const row = Math.floor(at / width) % height
        const column = at % width
        expect(emptied.has(at)).toBe(row >= y && row < yEnd && column >= x && column < xEnd)
      }
    }),
  )
})

test('the contract accepts boxes with a range, and rejects empty and unreadable ones', () => {
  for (const text of ['image', 'x[1]', 'image[0:40, 0:120]', 'image[:, 0:40]']) {
    expect(Redacted.safeParse(text).success, text).toBe(true)
  }
  for (const text of ['image[40:0]', 'image[:,:]', 'image[0:1;2]', 'image[0:,1:2]', 'image[3,0:2]', 'image[']) {
    expect(Redacted.safeParse(text).success, text).toBe(false)
  }
  expect(['image[0:1]', 'x[1]', 'image'].map(isBox)).toEqual([true, false, false])
})
