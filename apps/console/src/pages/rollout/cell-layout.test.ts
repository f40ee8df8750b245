import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CELL_SIZES, indexAfter, indexAt, layoutOf, sizeFor } from './cell-layout.ts'

test('small rollouts have large cells, and 10,000 devices stay under a screen', () => {
  expect([1, 60, 61, 400, 1_500, 4_000, 4_001, 100_000].map(sizeFor)).toEqual([4, 4, 3, 3, 2, 1, 0, 0])
  expect(layoutOf(10_000, { width: 900, size: sizeFor(10_000) }).height).toBeLessThan(450)
})

test('every cell is found where it stands, and nowhere else', () => {
  const size = fc.nat({ max: CELL_SIZES.length - 1 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat({ max: 1_200 }), size, (count, width, level) => {
      const layout = layoutOf(count, { width, size: level })
      const found = Array.from({ length: count }, (_, index) => {
        const column = index % layout.columns
        const row = Math.floor(index / layout.columns)
        return indexAt(layout, { x: column * layout.step + 1, y: row * layout.step + 1 })
      })
      expect(found).toEqual(found.map((_, index) => index))
      expect(layout.rows * layout.columns).toBeGreaterThanOrEqual(count)
      expect(indexAt(layout, { x: layout.columns * layout.step + 1, y: 0 })).toBeUndefined()
    }),
  )
})

test('keys lead to a cell that is there', () => {
  const layout = { ...layoutOf(10, { width: 100, size: 3 }), count: 10 }
  expect(layout.columns).toBe(4)
  expect([indexAfter('ArrowRight', undefined, layout), indexAfter('End', undefined, layout)]).toEqual([0, 9])
  expect(indexAfter('ArrowRight', 9, layout)).toBe(9)
  expect(indexAfter('ArrowLeft', 0, layout)).toBe(0)
  expect(indexAfter('ArrowDown', 1, layout)).toBe(5)
  expect([indexAfter('Home', 5, layout), indexAfter('End', 5, layout)]).toEqual([0, 9])
  expect(indexAfter('x', 5, layout)).toBeUndefined()
  expect(indexAfter('End', undefined, { ...layout, count: 0 })).toBeUndefined()
})
