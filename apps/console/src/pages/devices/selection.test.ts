import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSelection } from './selection.ts'

test('toggling a row twice restores the selection, and listeners are notified', () => {
  const selection = createSelection()
  let told = 0
  const stop = selection.subscribe(() => {
    told += 1
  })
  selection.toggle('a')
  selection.toggle('b')
  selection.toggle('a')
  expect([selection.has('a'), selection.has('b'), selection.size(), told]).toEqual([false, true, 1, 3])
  stop()
  selection.set(['x', 'y'])
  expect([[...selection.ids()], told]).toEqual([['x', 'y'], 3])
})

test('a selection snapshot does not change', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), (ids) => {
      const selection = createSelection()
      const before = selection.ids()
      for (const id of ids) selection.toggle(id)
      expect(before.size).toBe(0)
      const odd = [...new Set(ids)].filter((id) => ids.filter((each) => each === id).length % 2 === 1)
      expect(new Set(selection.ids())).toEqual(new Set(odd))
    }),
  )
})
