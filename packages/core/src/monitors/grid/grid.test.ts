import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addValue, countsIn, countsOf, createTally, mergeCounts } from '../bins.ts'
import { mergeGrids } from './grid.ts'
import { binningOf, countsAt } from './grid-bins.ts'

function counted(values: readonly number[]) {
  const tally = createTally([], true)
  for (const value of values) addValue(tally, value)
  return countsIn(tally)
}

const gridOf = (values: readonly number[]) => {
  const { grid } = counted(values)
  if (!grid) throw new Error('no grid')
  return grid
}

/** Numbers so small that their halves are not exact count as 0. */
const anyNumber = fc
  .oneof(fc.double({ noNaN: true, min: -1e20, max: 1e20 }), fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }))
  .map((value) => (Math.abs(value) < 1e-25 ? 0 : value))

const anyValues = fc.array(anyNumber, { minLength: 1, maxLength: 80 })

test('the grid of all values is the merge of the grids of their parts, in any order', () => {
  fc.assert(
    fc.property(anyValues, anyValues, anyValues, (a, b, c) => {
      const whole = gridOf([...a, ...b, ...c])
      expect(mergeGrids(mergeGrids(gridOf(a), gridOf(b)), gridOf(c))).toEqual(whole)
      expect(mergeGrids(gridOf(c), mergeGrids(gridOf(b), gridOf(a)))).toEqual(whole)
      expect(gridOf([...c, ...b, ...a])).toEqual(whole)
    }),
  )
})

test('a grid has at most 64 bins, counts each value once, and begins and ends with a filled bin', () => {
  fc.assert(
    fc.property(anyValues, (values) => {
      const { counts } = gridOf(values)
      expect(counts.length).toBeLessThanOrEqual(64)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
      expect(Math.min(counts[0] ?? 0, counts.at(-1) ?? 0)).toBeGreaterThan(0)
    }),
  )
})

test('counts between the edges of a grid are those of the values themselves, also for a part of the values', () => {
  fc.assert(
    fc.property(anyValues, anyValues, (a, b) => {
      const both = mergeCounts(counted(a), counted(b))
      const { edges } = binningOf(both)
      expect(edges).toEqual(edges.toSorted((x, y) => x - y))
      expect(countsAt(edges, both).counts).toEqual(countsOf(edges, [...a, ...b]).counts)
      expect(countsAt(edges, counted(a)).counts).toEqual(countsOf(edges, a).counts)
    }),
  )
})

test('bins have about equal shares: none has more than a tenth and the largest bin of the grid', () => {
  const values = Array.from({ length: 5_000 }, (_, at) => 20 + 3 * Math.sin(at * 12.9898) + 0.001 * (at % 7))
  const all = counted(values)
  const { edges, form } = binningOf(all)
  expect(form).toBeUndefined()
  expect(edges.length).toBeGreaterThanOrEqual(6)
  const largest = Math.max(...(all.grid?.counts ?? []))
  for (const count of countsAt(edges, all).counts) expect(count).toBeLessThanOrEqual(500 + largest)
})

test('few whole numbers are categories, and an unseen one has a bin of its own', () => {
  const { edges, form } = binningOf(counted([0, 1, 1, 0, 4]))
  expect({ edges, form }).toEqual({ edges: [0, 1, 2, 4, 5], form: 'category' })
  expect(countsAt(edges, counted([0, 3])).counts).toEqual([0, 1, 0, 1, 0, 0])
})

test.each([0, 37.5, 101_325, -1e-7])('another value than the constant %d falls beside its bin', (constant) => {
  const { edges } = binningOf(counted([constant, constant]))
  expect(edges).toHaveLength(2)
  expect(countsAt(edges, counted([constant, constant])).counts).toEqual([0, 2, 0])
  expect(countsOf(edges, [constant + 1]).counts).toEqual([0, 0, 1])
})
