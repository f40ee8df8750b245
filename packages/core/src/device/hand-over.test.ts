import { expect, test } from 'vitest'
import { handOverProblem } from './hand-over.ts'

const facts = { canTakeOver: true, modelBytes: 100 * 1024 ** 2, availableBytes: 356 * 1024 ** 2 }

test('models stay while the next agent loads them again beside', () => {
  expect(handOverProblem(facts)).toBeUndefined()
})

test.each([
  [{ canTakeOver: false }, 'cannot take over'],
  [{ modelBytes: undefined }, 'no runner'],
  [{ availableBytes: facts.availableBytes - 1 }, 'memory'],
])('models end with their agent: %o', (other, reason) => {
  expect(handOverProblem({ ...facts, ...other })).toContain(reason)
})
