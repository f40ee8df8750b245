import { SliceCheck } from '@skerry/contract/checks/check-file'
import { expect, test } from 'vitest'
import type { GoldenOutputs, GoldenTensor } from '../device/proof/golden.ts'
import { bytesOfElements, bytesOfNumbers } from '../tensors/tensor-elements.ts'
import { csvRows } from '../values/csv-rows.ts'
import { judgeGolden } from './golden-check.ts'
import { changeTensor, judgeInvariance } from './invariance-check.ts'
import { rowAnswers } from './row-answers.ts'
import { judgeSlices } from './slice-check.ts'
import { tableInputs } from './table-inputs.ts'
import { verdictOf } from './verdict.ts'

const floats = (values: number[], shape = [values.length]): GoldenTensor => ({
  datatype: 'FP32',
  shape,
  data: bytesOfNumbers('FP32', values) ?? new Uint8Array(),
})
const classes = (values: number[]): GoldenTensor => ({
  datatype: 'INT64',
  shape: [values.length],
  data: bytesOfElements('INT64', values) ?? new Uint8Array(),
})
const outputs = (y: GoldenTensor): GoldenOutputs => new Map([['y', y]])
const numbersOf = ({ data }: GoldenTensor) => [...new Float32Array(data.slice().buffer)]
const EXACT = { absolute: 0, relative: 0 }

test('a golden check passes within the tolerance, and names the worst case beyond it', () => {
  const cases = [1, 2].map((value) => ({ expected: outputs(floats([value])), answer: outputs(floats([value + 0.25])) }))
  expect(judgeGolden(cases, { absolute: 0.5, relative: 0 })).toMatchObject({
    passed: true,
    measured: '2 of 2 cases agree',
  })
  const strict = judgeGolden(cases, { absolute: 0.1, relative: 0 })
  expect(strict.passed).toBe(false)
  expect(strict.measured).toContain('2 of 2 cases differ')
})

test('a golden check without expected outputs fails, because it would compare nothing', () => {
  expect(judgeGolden([], EXACT).passed).toBe(false)
  expect(judgeGolden([{ expected: new Map(), answer: outputs(floats([1])) }], EXACT).passed).toBe(false)
})

test('a change meets one column, or all of them', () => {
  const tensor = floats([1, 2, 3, 4], [2, 2])
  const changed = (change: object) => {
    const made = changeTensor(tensor, change)
    return made.ok ? numbersOf(made.tensor) : made.message
  }
  expect(changed({ column: 1, add: 10 })).toEqual([1, 12, 3, 14])
  expect(changed({ multiply: 2 })).toEqual([2, 4, 6, 8])
  expect(changed({ column: 0, set: 0 })).toEqual([0, 2, 0, 4])
  expect(changed({ column: 2, set: 0 })).toContain('no column 2')
})

test.each([
  ['same', [1, 2], [1, 2.05], true],
  ['same', [1, 2], [1, 2.2], false],
  ['not-lower', [1, 2], [5, 2], true],
  ['not-lower', [1, 2], [0.5, 2], false],
  ['not-higher', [1, 2], [0, 2], true],
  ['not-higher', [1, 2], [1, 3], false],
  ['same', [1], [Number.NaN], false],
] as const)('%s: answers %j that become %j give %s', (rule, from, to, passed) => {
  const pair = { before: outputs(floats([...from])), after: outputs(floats([...to])) }
  const verdict = judgeInvariance([pair], { expect: rule, tolerance: { absolute: 0.1, relative: 0 } })
  expect(verdict.passed).toBe(passed)
  expect(judgeInvariance([], { expect: rule, tolerance: EXACT }).passed).toBe(false)
})

const ROWS = [
  ...Array.from({ length: 10 }, (_, at) => ({ slice: 'a', label: '1', predicted: at < 9 ? '1.0' : '0' })),
  ...Array.from({ length: 10 }, (_, at) => ({ slice: 'b', label: '1', predicted: at < 6 ? '1' : undefined })),
  { slice: 'c', label: '1', predicted: '0' },
]
const RULE = { task: 'classification', rowsMin: 5 } as const

test.each([
  [{ atLeast: { accuracy: 0.6 } }, true, '2 of 3 slices judged, worst b: accuracy 0.6 of 10 rows; 1 with fewer'],
  [{ atLeast: { accuracy: 0.7 } }, false, 'b: accuracy 0.6 of 10 rows'],
  [{ gap: { accuracy: 0.2 } }, false, 'accuracy of b is 0.6, of a 0.9'],
  [{ gap: { accuracy: 0.4 } }, true, '2 of 3 slices judged'],
  [{ atMost: { mae: 1 } }, false, 'a: has no mae'],
])('slices are judged by %j: %s', (limits, passed, measured) => {
  const verdict = judgeSlices(ROWS, { ...RULE, ...limits })
  expect(verdict).toMatchObject({ passed, measured: expect.stringContaining(measured) })
})

test('a table whose slices are all small passes nothing', () => {
  expect(judgeSlices(ROWS.slice(20), { ...RULE, atLeast: { accuracy: 0 } }).passed).toBe(false)
})

test('numbers are judged by their errors, and a missing answer by an infinite one', () => {
  const rows = [1, 2].map((label) => ({ slice: 'all', label: String(label), predicted: String(label + 1) }))
  const rule = { task: 'regression', rowsMin: 1, atMost: { mae: 1, rmse: 1 } } as const
  expect(judgeSlices(rows, rule).passed).toBe(true)
  expect(judgeSlices([...rows, { slice: 'all', label: '1', predicted: undefined }], rule).passed).toBe(false)
})

const CSV = 'site,Temp,load,label\ndelft,1.5,2,0\nrotterdam,,3,1\n'
const MATRIX = { name: 'x', datatype: 'FP32', shape: [-1, 2] } as const
const COLUMNS = { label: 'label', by: 'site' }

test('the columns that are neither label nor slice are the features, and an empty cell is missing', () => {
  const made = tableInputs(csvRows(CSV), [{ ...MATRIX, shape: [-1, 2] }], COLUMNS)
  expect(made.ok && made.batches.map(({ inputs }) => inputs.x && numbersOf(inputs.x))).toEqual([
    [1.5, 2, Number.NaN, 3],
  ])
})

test('inputs of their own take the columns of their names; a model of one row gets a request for each', () => {
  const specs = ['temp', 'load'].map((name) => ({ name, datatype: 'FP32' as const, shape: [1, 1] }))
  const made = tableInputs(csvRows(CSV), specs, COLUMNS)
  expect(made.ok && made.batches.length).toBe(2)
  expect(made.ok && made.batches[0]?.inputs.load).toMatchObject({ shape: [1, 1] })
})

test.each([
  [{ ...MATRIX, shape: [-1, 3] }, COLUMNS, 'has 3 columns, and 2 are given (temp, load)'],
  [{ ...MATRIX, shape: [-1, 2, 2] }, COLUMNS, 'a table needs [rows] or [rows, columns]'],
  [{ ...MATRIX, shape: [-1, 2] }, { label: 'truth' }, 'no column truth'],
  [{ ...MATRIX, datatype: 'INT64' as const, shape: [-1, 2] }, COLUMNS, 'line 2, column temp: "1.5" is no INT64'],
])('a table that does not fit says why: %j', (spec, columns, message) => {
  const made = tableInputs(csvRows(CSV), [{ ...spec, shape: [...spec.shape] }], columns)
  expect(made).toMatchObject({ ok: false, message: expect.stringContaining(message) })
})

test('the answer of a row is its class, its highest score or its number', () => {
  const scores = floats([0.1, 0.9, 0.8, 0.2], [2, 2])
  expect(rowAnswers(outputs(scores), 2, { task: 'classification' })).toEqual(['1', '0'])
  expect(
    rowAnswers(
      new Map([
        ['p', scores],
        ['label', classes([7, 8])],
      ]),
      2,
      { task: 'classification' },
    ),
  ).toEqual(['7', '8'])
  expect(rowAnswers(outputs(floats([1.5, 2.5], [2, 1])), 2, { task: 'regression' })).toEqual(['1.5', '2.5'])
  expect(rowAnswers(outputs(floats([1])), 2, { task: 'regression' })).toEqual([undefined, undefined])
})

test('a value passes at its limit, and none that is not finite', () => {
  const one = (value: number) => verdictOf([{ label: 'p95', value, unit: ' ms', atMost: 5 }])
  expect(one(5)).toEqual({ passed: true, measured: 'p95 5 ms', limit: 'p95 5 ms at most' })
  expect(one(5.1).passed).toBe(false)
  expect(one(Number.NaN).passed).toBe(false)
})

test('a slice check without a limit is refused', () => {
  const check = { check: 'slice', table: 'x.csv', label: 'y', task: 'regression' }
  expect(SliceCheck.safeParse(check).success).toBe(false)
  expect(SliceCheck.safeParse({ ...check, gap: {} }).success).toBe(false)
  expect(SliceCheck.safeParse({ ...check, atMost: { mae: 1 } }).success).toBe(true)
})
