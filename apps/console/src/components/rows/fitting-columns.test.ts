import { expect, test } from 'vitest'
import { fittingColumns, leastRem } from './fitting-columns.ts'

const columns = [
  { id: 'name', width: 'minmax(9rem, 2fr)' },
  { id: 'labels', width: '5rem', rank: 2 },
  { id: 'models', width: 'minmax(10rem, 1fr)', rank: 1 },
  { id: 'memory', width: '2rem', rank: 3 },
]
const shown = (tableRem: number) => fittingColumns(columns, tableRem).map(({ id }) => id)

test.each([
  [0, ['name']],
  [21, ['name']],
  [22, ['name', 'models']],
  [28, ['name', 'labels', 'models']],
  [31, ['name', 'labels', 'models', 'memory']],
])('a table of %d rem shows %j', (rem, expected) => {
  expect(shown(rem)).toEqual(expected)
})

test('a table with room for all keeps its array, so that its rows are not drawn again', () => {
  expect(leastRem(columns)).toBe(31)
  expect(fittingColumns(columns, 31)).toBe(columns)
})
