import { expect, test } from 'vitest'
import { readGoal, USUAL_GOAL } from './goal-draft.ts'

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
