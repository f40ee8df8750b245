import { expect, test } from 'vitest'
import { goalLine, goalTexts, parseGoals } from './goal-text.ts'

const DEFAULTS = { agreementMin: 0.99, differenceMax: 0.05 }

test.each([
  [[], {}],
  [['agreement >= 0.95'], { agreementMin: 0.95 }],
  [['agreement>=95%'], { agreementMin: 0.95 }],
  [['difference <= 0.1 σ'], { differenceMax: 0.1 }],
  [['difference <= 1e-3'], { differenceMax: 0.001 }],
  [['size < 4 MB'], { sizeMaxBytes: 3_999_999 }],
  [['size <= 4MiB'], { sizeMaxBytes: 4_194_304 }],
  [['size < 1.5 kB'], { sizeMaxBytes: 1_499 }],
  [['accuracy drop <= 0.5%'], { accuracyDropMax: 0.005 }],
  [['error rise <= 2 %', 'accuracy drop<=.01'], { errorRiseMax: 0.02, accuracyDropMax: 0.01 }],
  [['p95 < 12 ms'], { p95MaxMs: 12 }],
  [['P95 <= 0.29 s'], { p95MaxMs: 290 }],
  [['agreement >= .9', 'size < 1 GB'], { agreementMin: 0.9, sizeMaxBytes: 999_999_999 }],
])('%o', (texts, goal) => {
  expect(parseGoals(texts)).toEqual({ ok: true, goal: { ...DEFAULTS, ...goal } })
})

test.each([
  [
    ['small'],
    'a goal looks like "agreement >= 0.95", "difference <= 0.1", "accuracy drop <= 0.5%", "error rise <= 2%"',
  ],
  [
    ['cosine >= 0.9'],
    'there is no goal for "cosine"; there are agreement, difference, accuracy drop, error rise, size, p95',
  ],
  [['agreement <= 0.9'], 'agreement takes >=, as in "agreement >= 0.95", not <='],
  [['agreement >= 2'], 'agreement cannot be 2'],
  [['accuracy drop >= 0.5%'], 'accuracy drop takes <=, as in "accuracy drop <= 0.5%", not >='],
  [['accuracy drop <= 200%'], 'accuracy drop cannot be 200%'],
  [['size < 4'], 'size takes a number in B, kB'],
  [['size < 4 ms'], 'not "4 ms"'],
  [['p95 < 12'], 'p95 takes a number in ms, s'],
  [['size < 0 MB'], 'size cannot be 0MB'],
  [['size < 4 MB', 'size < 3 MB'], '"size < 3 MB" is a second goal of its kind'],
])('%o is wrong', (texts, message) => {
  expect(parseGoals(texts)).toEqual({ ok: false, message: expect.stringContaining(message) })
})

test('goals are written as texts that can be read again', () => {
  const goal = { ...DEFAULTS, accuracyDropMax: 0.007, errorRiseMax: 0.3, sizeMaxBytes: 4_000_000, p95MaxMs: 12.5 }
  expect(parseGoals(goalTexts(goal))).toEqual({ ok: true, goal })
  expect(goalLine(goal)).toBe(
    'agreement >= 0.99 or difference <= 0.05 σ, accuracy drop <= 0.7%, error rise <= 30%, size <= 4000000 B, p95 < 12.5 ms',
  )
})
