import { SCORE_BINS } from '@skerry/contract/monitors/profile'
import { expect, test } from 'vitest'
import {
  calibrationOf,
  estimateAccuracy,
  isotonicOf,
  type JudgedScore,
  mergeScores,
  noScores,
  scoreBin,
  shareAt,
} from './calibration.ts'

const ROWS: readonly (readonly [number, number])[] = [
  [0.907, 1],
  [0.497, 0],
  [0.735, 1],
  [0.621, 0],
  [0.529, 1],
  [0.657, 1],
  [0.657, 1],
  [0.767, 1],
  [0.842, 1],
  [0.762, 0],
  [0.762, 0],
  [0.762, 1],
  [0.45, 0],
  [0.999, 1],
  [0.899, 1],
  [0.422, 0],
  [0.741, 1],
  [0.766, 1],
  [0.404, 1],
  [0.507, 1],
  [0.499, 1],
  [0.677, 1],
  [0.74, 1],
  [0.671, 1],
  [0.952, 1],
  [0.889, 1],
  [0.641, 1],
  [0.522, 1],
  [0.615, 1],
  [0.917, 1],
  [0.609, 1],
  [0.995, 1],
  [0.739, 1],
  [0.542, 0],
  [0.795, 1],
  [0.796, 1],
  [0.709, 1],
  [0.567, 1],
  [0.778, 1],
  [0.688, 1],
]

test('the isotonic regression is that of scikit-learn', () => {
  // IsotonicRegression(out_of_bounds='clip').fit(x, y).predict(q), scikit-learn 1.4.2.
  const curve = isotonicOf(ROWS.map(([confidence, right]) => ({ confidence, isRight: right === 1 })))
  const questions = [0.3, 0.45, 0.5, 0.555, 0.61, 0.7, 0.777, 0.8, 0.9, 0.95, 1]
  const third = 7 / 9
  const expected = [0.25, 0.25, third, third, third, 6 / 7, 1, 1, 1, 1, 1]
  for (const [at, question] of questions.entries()) expect(shareAt(curve, question)).toBeCloseTo(expected[at] ?? 0, 9)
  expect(curve.shares).toEqual(curve.shares.toSorted((a, b) => a - b))
})

/** [Park, Miller 1988] The same rows each time. */
function seeded(seed: number) {
  let state = seed
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))

type World = { mean: number; spread: number; rows: number; seed: number }

/** A model that is too sure of itself, and that does not know the second feature. */
function answersIn({ mean, spread, rows, seed }: World): JudgedScore[] {
  const { uniform, normal } = seeded(seed)
  return Array.from({ length: rows }, () => {
    const x = mean + spread * normal()
    const truth = uniform() < sigmoid(1.4 * x + 0.6 * normal() - 0.3)
    const score = sigmoid(4 * x)
    const isPositive = score >= 0.5
    return {
      predicted: isPositive ? '1' : '0',
      confidence: isPositive ? score : 1 - score,
      isRight: isPositive === truth,
    }
  })
}

const accuracyOf = (answers: readonly JudgedScore[]) => answers.filter(({ isRight }) => isRight).length / answers.length

function countsOf(answers: readonly JudgedScore[], classes: readonly string[]) {
  const counts = noScores(classes.length)
  for (const { predicted, confidence } of answers) {
    const of = counts.classes[classes.indexOf(predicted)] ?? counts.rest
    const bin = scoreBin(confidence)
    of[bin] = (of[bin] ?? 0) + 1
  }
  return counts
}

test('under covariate shift, the estimate is within 0.03 of the true accuracy, and finds the fall', () => {
  const reference = answersIn({ mean: 0, spread: 1.5, rows: 5_000, seed: 17 })
  const calibration = calibrationOf(reference, undefined)
  const classes = calibration.classes.map((one) => one.class)
  expect(calibration.accuracy).toBeCloseTo(accuracyOf(reference), 9)
  let largestFall = 0
  for (const [at, [mean, spread]] of [
    [0, 1.5],
    [0, 0.5],
    [0.5, 0.6],
    [-0.8, 0.7],
    [1.5, 1],
    [0, 3],
  ].entries()) {
    const shifted = answersIn({ mean: mean ?? 0, spread: spread ?? 1, rows: 20_000, seed: 1_000 + at })
    const estimate = estimateAccuracy(calibration, countsOf(shifted, classes))
    expect(estimate?.rows).toBe(20_000)
    expect(Math.abs((estimate?.accuracy ?? 0) - accuracyOf(shifted))).toBeLessThan(0.03)
    largestFall = Math.max(largestFall, calibration.accuracy - accuracyOf(shifted))
  }
  expect(largestFall).toBeGreaterThan(0.1)
})

test('counts add up in any order, and without any there is no estimate', () => {
  const [a, b, c] = [1, 2, 3].map((seed) =>
    countsOf(answersIn({ mean: 0, spread: 1, rows: 100, seed }), ['0', '1']),
  ) as [ReturnType<typeof noScores>, ReturnType<typeof noScores>, ReturnType<typeof noScores>]
  expect(mergeScores(a, b)).toEqual(mergeScores(b, a))
  expect(mergeScores(mergeScores(a, b), c)).toEqual(mergeScores(a, mergeScores(b, c)))
  const calibration = calibrationOf(answersIn({ mean: 0, spread: 1, rows: 200, seed: 5 }), undefined)
  expect(estimateAccuracy(calibration, noScores(calibration.classes.length))).toBeUndefined()
})

test('a class with few rows shares the curve of all rows, and each confidence has a bin', () => {
  const rows = [
    ...Array.from({ length: 60 }, () => ({ predicted: 'a', confidence: 0.9, isRight: true })),
    ...Array.from({ length: 10 }, () => ({ predicted: 'b', confidence: 0.5, isRight: false })),
  ]
  const calibration = calibrationOf(rows, 'p')
  expect(calibration.classes.map((one) => [one.class, one.rows])).toEqual([['a', 60]])
  expect(calibration.output).toBe('p')
  const top = SCORE_BINS - 1
  expect([0, 0.018, 0.5, 0.9, 0.99, 0.999999, 1, 1.2, -0.1].map(scoreBin)).toEqual([0, 0, 12, 19, 26, top, top, top, 0])
})
