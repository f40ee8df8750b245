import { expect, test } from 'vitest'
import { createStatistics, frequentError, recordFailure } from './statistics.ts'

test('the most frequent error is known, without cancelled and rate-limited requests', () => {
  const statistics = createStatistics()
  expect(frequentError(statistics)).toBeUndefined()
  recordFailure(statistics, { code: 'input_invalid', message: 'input x is missing' }, 1)
  for (let count = 0; count < 3; count++) {
    recordFailure(statistics, { code: 'queue_full', message: 'try again later' }, 1)
    recordFailure(statistics, { code: 'request_cancelled', message: 'the client went away' }, 1)
  }
  expect(frequentError(statistics)).toEqual({ text: 'input_invalid: input x is missing', count: 1 })
  for (let count = 0; count < 2; count++)
    recordFailure(statistics, { code: 'model_failed', message: 'division by zero' }, 1)
  expect(frequentError(statistics)).toEqual({ text: 'model_failed: division by zero', count: 2 })
})

test('errors with changing texts are bounded, and count by their code', () => {
  const statistics = createStatistics()
  for (let run = 0; run < 1_000; run++)
    recordFailure(statistics, { code: 'deadline_passed', message: `${run} ${'x'.repeat(1_000)}` }, 1)
  expect(statistics.errors.size).toBe(17)
  expect(frequentError(statistics)).toEqual({ text: 'deadline_passed', count: 984 })
  for (const text of statistics.errors.keys()) expect(text.length).toBeLessThanOrEqual(200)
})
