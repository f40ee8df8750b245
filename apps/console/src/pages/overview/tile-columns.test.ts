import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tileColumns } from './tile-columns.ts'

test.each([
  ['a large window', 5, 70, 5],
  ['a tablet: three and two, not four and one', 5, 46, 3],
  ['a tablet, with a source that is down', 6, 46, 3],
  ['a phone: two in a row, the last spans its row', 5, 22, 2],
  ['a phone with an even number', 6, 22, 2],
  ['before the page has a width', 5, 0, 1],
  ['one tile', 1, 70, 1],
])('%s', (_, tiles, widthRem, columns) => {
  expect(tileColumns(tiles, widthRem)).toBe(columns)
})

test('no tile stands alone if another number of columns in as few rows avoids it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 10, max: 120 }), (tiles, widthRem) => {
      const columns = tileColumns(tiles, widthRem)
      const room = Math.max(1, Math.floor((widthRem + 0.75) / 9.75))
      const rows = Math.ceil(tiles / room)
      expect(Math.ceil(tiles / columns)).toBe(rows)
      const fitting = Array.from({ length: room }, (_, index) => index + 1)
      const better = fitting.filter((each) => Math.ceil(tiles / each) === rows && tiles % each !== 1)
      if (columns > 1 && tiles % columns === 1) expect(better).toEqual([])
    }),
  )
})
