import { expect, test } from 'vitest'
import { answerOf, answerText, byAnswer } from './alert-answers.ts'

const acknowledged = { by: 'anna', atMs: 50, comment: 'I go there', sinceMs: 10 }
const shelved = { by: 'ben', atMs: 60, comment: 'the line is rebuilt', untilMs: 200 }

test('an acknowledgement counts for its occurrence only', () => {
  expect(answerOf({ acknowledged }, { sinceMs: 10, nowMs: 100 })).toEqual({
    state: 'acknowledged',
    by: 'anna',
    atMs: 50,
    comment: 'I go there',
  })
  expect(answerOf({ acknowledged }, { sinceMs: 11, nowMs: 100 })).toBeUndefined()
  expect(answerOf({}, { sinceMs: 10, nowMs: 100 })).toBeUndefined()
})

test('shelving counts for each occurrence until its time, and hides an acknowledgement', () => {
  expect(answerOf({ acknowledged, shelved }, { sinceMs: 99, nowMs: 199 })).toMatchObject({
    state: 'shelved',
    by: 'ben',
  })
  expect(answerOf({ acknowledged, shelved }, { sinceMs: 10, nowMs: 199 })).toMatchObject({ untilMs: 200 })
  expect(answerOf({ acknowledged, shelved }, { sinceMs: 10, nowMs: 200 })).toMatchObject({ state: 'acknowledged' })
  expect(answerOf({ shelved }, { sinceMs: 10, nowMs: 200 })).toBeUndefined()
})

test('subjects are grouped by their answer, the open ones first, with the newest answer', () => {
  const early = { state: 'acknowledged' as const, by: 'anna', atMs: 1 }
  const late = { state: 'acknowledged' as const, by: 'ben', atMs: 2 }
  const groups = byAnswer([{ name: 'a', answer: early }, { name: 'b' }, { name: 'c', answer: late }])
  expect(groups.map(({ group, answer }) => [group.map(({ name }) => name), answer])).toEqual([
    [['b'], undefined],
    [['a', 'c'], late],
  ])
})

test('an answer is one line with its person, its time and its comment', () => {
  const time = (ms: number) => `${ms} s`
  expect(answerText({ state: 'acknowledged', by: 'anna', atMs: 5 }, time)).toBe('acknowledged by anna at 5 s')
  expect(answerText({ state: 'shelved', by: 'ben', atMs: 5, untilMs: 9, comment: 'rebuilt' }, time)).toBe(
    'shelved by ben until 9 s, "rebuilt"',
  )
})
