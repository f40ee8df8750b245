import { expect, test } from 'vitest'
import { padded, piecesOf } from './many-rows.ts'

const upTo = (length: number) => Array.from({ length }, (_, index) => index)

test.each([0, 1, 3, 4, 63, 64, 65, 333])(
  '%s rows are written in groups of few sizes, each once and in order',
  (count) => {
    const pieces = piecesOf(upTo(count))
    expect(pieces.flat()).toEqual(upTo(count))
    expect(pieces.filter(({ length }) => ![64, 16, 4, 1].includes(length))).toEqual([])
  },
)

test.each([
  [0, 0],
  [1, 1],
  [3, 4],
  [64, 64],
  [65, 128],
])('%s values are padded to %s, without a new value', (count, size) => {
  const values = padded(upTo(count))
  expect(values.length).toBe(size)
  expect([...new Set(values)]).toEqual(upTo(count))
})
