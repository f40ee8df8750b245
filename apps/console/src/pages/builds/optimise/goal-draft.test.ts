import { expect, test } from 'vitest'
import { goalDraftOf, readGoal, USUAL_GOAL } from './goal-draft.ts'
import { readOptimiseSearch } from './optimise-search.ts'

test('the usual goal is that of the hub', () => {
  expect(readGoal(USUAL_GOAL)).toEqual({ goal: { agreementMin: 0.99, differenceMax: 0.05 }, problems: {} })
})

test('a goal may be written with a comma', () => {
  expect(readGoal({ agreement: '0,95', difference: ' 2 ' }).goal).toEqual({ agreementMin: 0.95, differenceMax: 2 })
})

test.each([
  ['', '0.05', ['agreement']],
  ['99', '0.05', ['agreement']],
  ['0.99', '-1', ['difference']],
  ['much', 'little', ['agreement', 'difference']],
])('agreement "%s" or difference "%s" is reported at its field', (agreement, difference, fields) => {
  const { goal, problems } = readGoal({ agreement, difference })
  expect(goal).toBeUndefined()
  expect(Object.keys(problems)).toEqual(fields)
})

test('a size and a p95 are goals, too, and the address of a proposal has them', () => {
  const draft = goalDraftOf({ agreement: 0.95, size: 4_000_000, p95: 12 })
  expect(draft).toEqual({ agreement: '0.95', difference: '0.05', size: '4', p95: '12' })
  const goal = { agreementMin: 0.95, differenceMax: 0.05, sizeMaxBytes: 4_000_000, p95MaxMs: 12 }
  expect(readGoal(draft)).toEqual({ goal, problems: {} })
  expect(readGoal(goalDraftOf({}))).toEqual(readGoal(USUAL_GOAL))
  expect(Object.keys(readGoal({ ...draft, size: 'small', p95: '0' }).problems)).toEqual(['size', 'p95'])
})

test('goals for labels are in percent, and an empty one is no goal', () => {
  const draft = { ...USUAL_GOAL, drop: '0,7', rise: '2' }
  const goal = { agreementMin: 0.99, differenceMax: 0.05, accuracyDropMax: 0.007, errorRiseMax: 0.02 }
  expect(readGoal(draft)).toEqual({ goal, problems: {} })
  expect(readGoal({ ...draft, drop: '', rise: ' ' })).toEqual(readGoal(USUAL_GOAL))
  expect(Object.keys(readGoal({ ...draft, drop: '101', rise: '-1' }).problems)).toEqual(['drop', 'rise'])
})

test('an address with other values gives a usual goal', () => {
  expect(readOptimiseSearch({ agreement: 'much', p95: -1, recipes: 7, other: 1 })).toEqual({})
  expect(readOptimiseSearch({ agreement: 0.9, recipes: 'float16' })).toEqual({ agreement: 0.9, recipes: 'float16' })
})
