import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createByteBudget } from './byte-budget.ts'

test('an organisation that takes its maximum leaves room for the others', () => {
  const budget = createByteBudget(100)
  expect(budget.reserve(51, 'a')).toBeUndefined()
  using first = budget.reserve(50, 'a')
  expect(first).toBeDefined()
  expect(budget.reserve(1, 'a')).toBeUndefined()
  using second = budget.reserve(25, 'b')
  expect(second).toBeDefined()
  expect(budget.reserve(13, 'c')).toBeUndefined()
  expect(budget.reserve(12, 'c')).toBeDefined()
})

test('room that is returned twice is free once', () => {
  const budget = createByteBudget(100)
  const lease = budget.reserve(50, 'a')
  lease?.[Symbol.dispose]()
  lease?.[Symbol.dispose]()
  expect(budget.reserve(51, 'a')).toBeUndefined()
  expect(budget.reserve(50, 'a')).toBeDefined()
})

test('no series of requests uses up the budget', () => {
  const asks = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 200 })))
  fc.assert(
    fc.property(asks, (wishes) => {
      const budget = createByteBudget(1_000)
      const given = wishes.map(([group, bytes]) => (budget.reserve(bytes, group) ? bytes : 0))
      expect(given.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(1_000)
    }),
  )
})
