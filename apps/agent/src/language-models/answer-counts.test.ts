import { expect, test } from 'vitest'
import { createAnswerCounts } from './answer-counts.ts'

const answer = { answerTokens: 10, totalMs: 500, firstTokenMs: 40 }

test('figures without an answer have counts only', () => {
  expect(createAnswerCounts().figures()).toEqual({ answers: 0, tokens: 0, invalidAnswers: 0 })
})

test('speeds are those of the last hundred answers, and counts are those of all', () => {
  const counts = createAnswerCounts()
  for (let at = 0; at < 50; at++) counts.record({ ...answer, totalMs: 100_000, firstTokenMs: 9_000 }, 'free')
  for (let at = 0; at < 100; at++) counts.record(answer, 'free')
  expect(counts.figures()).toEqual({
    answers: 150,
    tokens: 1_500,
    invalidAnswers: 0,
    tokensPerSecond: 20,
    firstTokenMs: 40,
  })
})

test('the share of invalid answers is one of answers with a schema, of twenty or more', () => {
  const counts = createAnswerCounts()
  for (let at = 0; at < 19; at++) counts.record(answer, at < 4 ? 'invalid' : 'valid')
  for (let at = 0; at < 30; at++) counts.record(answer, 'free')
  expect(counts.figures()).not.toHaveProperty('invalidShare')
  counts.record(answer, 'valid')
  expect(counts.figures()).toMatchObject({ invalidAnswers: 4, invalidShare: 0.2 })
  for (let at = 0; at < 100; at++) counts.record(answer, 'valid')
  expect(counts.figures()).toMatchObject({ invalidAnswers: 4, invalidShare: 0 })
})
