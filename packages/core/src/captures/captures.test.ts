/** The decisions about captured rows: conditions, predictions, and performance. */
import { CaptureCondition, CaptureRules } from '@skerry/contract/captures/capture'
import { expect, test } from 'vitest'
import { isFulfilled, parseCondition } from './condition.ts'
import { classificationOf, classText, errorOf, regressionOf } from './performance.ts'
import { predictionOf } from './prediction.ts'

test.each([
  ['confidence < 0.6', 0.59, 0.6],
  ['y[1]>4', 4.01, 4],
  ['out.score <= -2.5', -2.5, -2.4],
  ['p >= 1', 1, 0.99],
])('the condition %s holds at %d, and not at %d', (text, inside, outside) => {
  expect(CaptureCondition.safeParse(text).success).toBe(true)
  const condition = parseCondition(text)
  if (!condition) throw new Error('no condition')
  expect([isFulfilled(condition, inside), isFulfilled(condition, outside)]).toEqual([true, false])
  expect(isFulfilled(condition, Number.NaN)).toBe(false)
})

test.each(['', 'confidence', 'confidence < high', 'a < 1 && b < 2', '0.5 < confidence', 'process.exit() < 1'])(
  'the contract and the device reject %j as a condition',
  (text) => {
    expect(CaptureCondition.safeParse(text).success).toBe(false)
    expect(parseCondition(text)).toBeUndefined()
  },
)

test('a capture needs a purpose, and has limits', () => {
  expect(CaptureRules.safeParse({ sample: 0.1 }).success).toBe(false)
  expect(CaptureRules.safeParse({ sample: 0.1, purpose: ' ' }).success).toBe(false)
  expect(CaptureRules.safeParse({ sample: 0.1, purpose: 'a test' }).data).toMatchObject({
    keep: 500,
    forSeconds: 2_592_000,
  })
})

const CLASSES = { task: 'classification' } as const

test('a class is the place of the highest score, or the output that names it', () => {
  const score = (values: number[], name = 'p') => ({ name, kind: 'score' as const, values })
  const named = (values: string[]) => ({ name: 'label', kind: 'class' as const, values })
  expect(predictionOf([score([0.1, 0.7, 0.2])], CLASSES)).toEqual({ predicted: '1', confidence: 0.7 })
  expect(predictionOf([named(['cat']), score([0.1, 0.9])], CLASSES)).toEqual({ predicted: 'cat', confidence: 0.9 })
  expect(predictionOf([score([0.2])], CLASSES)).toEqual({ predicted: '0', confidence: 0.8 })
  expect(predictionOf([score([2, -1, 0])], CLASSES).predicted).toBe('0')
  expect(predictionOf([score([2, -1, 0])], CLASSES).confidence).toBeCloseTo(0.8438, 4)
  expect(predictionOf([score([9, 9], 'z'), score([0, 1])], { ...CLASSES, output: 'p' })).toEqual({
    predicted: '1',
    confidence: 1,
  })
  expect(predictionOf([score([Number.NaN, 0.5])], CLASSES)).toEqual({})
  expect(predictionOf([named(['only'])], CLASSES)).toEqual({ predicted: 'only' })
  expect(predictionOf([], CLASSES)).toEqual({})
  expect(predictionOf([score([4.25])], { task: 'regression' })).toEqual({ predicted: '4.25' })
})

test('accuracy, precision, recall and F1 are those of scikit-learn', () => {
  // precision_recall_fscore_support and accuracy_score, scikit-learn 1.4.2.
  const predicted = [0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 0, 2, 1, 1, 0, 0, 1, 2, 0, 1, 0, 1, 2, 2, 1, 1]
  const labels = [0, 1, 2, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 3, 0, 0, 1, 2, 0, 1, 0, 2, 2, 3, 0, 3]
  const pairs = predicted.map((one, at) => ({ predicted: String(one), label: String(labels[at]), rows: 1 }))
  const { accuracy, classes = [] } = classificationOf(pairs)
  expect(accuracy).toBeCloseTo(2 / 3, 9)
  const byClass = classes.toSorted((a, b) => Number(a.class) - Number(b.class))
  expect(byClass.map((one) => one.labels)).toEqual([11, 12, 4, 3])
  const near = (values: readonly (number | null)[]) => values.map((one) => one && expect.closeTo(one, 9))
  expect(byClass.map((one) => one.precision)).toEqual(near([0.75, 9 / 14, 0.5, null]))
  expect(byClass.map((one) => one.recall)).toEqual(near([9 / 11, 0.75, 0.5, 0]))
  expect(byClass.map((one) => one.f1)).toEqual(near([18 / 23, 9 / 13, 0.5, 0]))
})

test('errors of numbers give the mean absolute error and the root of the mean squared error', () => {
  const errors = [
    ['3', '2.5'],
    ['-0.5', '0'],
    ['2', '2'],
    ['7', '8'],
  ].map(([predicted = '', label = '']) => errorOf(predicted, label) ?? Number.NaN)
  const sums = {
    rows: errors.length,
    absolute: errors.reduce((sum, error) => sum + Math.abs(error), 0),
    squared: errors.reduce((sum, error) => sum + error ** 2, 0),
  }
  // mean_absolute_error and mean_squared_error of the same numbers are 0.5 and 0.375.
  expect(regressionOf(sums)).toEqual({ labels: 4, mae: 0.5, rmse: Math.sqrt(0.375) })
  expect([errorOf('good', '1'), errorOf('', '1'), errorOf('1', 'NaN')]).toEqual([undefined, undefined, undefined])
  expect(['1.0', ' 2 ', '1.5', 'good'].map(classText)).toEqual(['1', '2', '1.5', 'good'])
})
