import { expect, test } from 'vitest'
import type { GoldenTensor } from '../device/proof/golden.ts'
import { judgeFidelity } from './fidelity.ts'
import { addLabelledRow, labelRole, type TaskTally, taskText, withTasks } from './task-fidelity.ts'

const floats = (values: number[], shape: number[]): GoldenTensor => ({
  datatype: 'FP32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
})
const integers = (values: number[], shape: number[]): GoldenTensor => ({
  datatype: 'INT64',
  shape,
  data: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
})

type Given = { label: GoldenTensor; version: GoldenTensor; build: GoldenTensor }
const one = (tensor: GoldenTensor) => new Map([['y', tensor]])

function measured(rows: Given[]) {
  const tally: TaskTally = new Map()
  for (const { label, version, build } of rows) {
    const problem = addLabelledRow(tally, { labels: one(label), version: one(version), build: one(build) })
    if (problem !== undefined) return problem
  }
  return withTasks([{ output: 'y', difference: 9 }], tally)[0]?.task
}

test.each([
  ['the number of a class', [1], [1, 10], 'class'],
  ['the number without an axis', [], [1, 10], 'class'],
  ['a class for each step', [1, 40], [1, 40, 6625], 'class'],
  ['a class for each row of any batch', [5], [-1, 3], 'class'],
  ['a value for each element', [1, 3], [1, 3], 'value'],
  ['one value', [1], [1, 1], 'value'],
  ['the answer of a classifier that gives numbers of classes', [1], [1], 'value'],
  ['another number of steps', [1, 39], [1, 40, 6625], undefined],
  ['too many axes', [2, 1, 1, 10], [1, 10], undefined],
])('%s', (_what, label, output, role) => {
  expect(labelRole(label, output)).toBe(role)
})

test('the accuracy of classes is that of the largest value, for the version and for the build', () => {
  const row = (right: number, version: number[], build: number[]): Given => ({
    label: integers([right], [1]),
    version: floats(version, [1, 3]),
    build: floats(build, [1, 3]),
  })
  expect(
    measured([
      row(0, [3, 1, 1], [3, 1, 1]),
      row(1, [0, 2, 1], [2, 1, 0]),
      row(2, [5, 0, 1], [0, 1, 5]),
      row(2, [0, 1, 2], [9, 1, 2]),
    ]),
  ).toEqual({ measure: 'accuracy', labels: 4, version: 0.75, build: 0.5 })
})

test('an output of integers is right where it equals its label', () => {
  const row = (right: number, version: number, build: number): Given => ({
    label: floats([right], [1]),
    version: integers([version], [1]),
    build: integers([build], [1]),
  })
  expect(measured([row(7, 7, 7), row(3, 3, 2)])).toEqual({ measure: 'accuracy', labels: 2, version: 1, build: 0.5 })
})

test('values have the root of the mean squared error, and the mean absolute error', () => {
  const row = (right: number, version: number, build: number): Given => ({
    label: floats([right], [1, 1]),
    version: floats([version], [1, 1]),
    build: floats([build], [1, 1]),
  })
  expect(measured([row(10, 13, 10), row(10, 6, 10), row(10, 10, 16), row(10, 10, 2)])).toEqual({
    measure: 'rmse',
    labels: 4,
    version: 2.5,
    build: 5,
    mae: { version: 1.75, build: 3.5 },
  })
})

test.each<[string, Given, string]>([
  [
    'a class that the model does not have',
    { label: integers([3], [1]), version: floats([1, 2, 3], [1, 3]), build: floats([1, 2, 3], [1, 3]) },
    'the label of y is 3, and its classes are 0 to 2',
  ],
  [
    'half a class',
    { label: floats([0.5], [1]), version: floats([1, 2], [1, 2]), build: floats([1, 2], [1, 2]) },
    'the label of y is 0.5, and its classes are 0 to 1',
  ],
  [
    'another shape',
    { label: floats([1, 2], [2]), version: floats([1, 2, 3], [1, 3]), build: floats([1, 2, 3], [1, 3]) },
    'the label of y has the shape [2], and the output has [1, 3]',
  ],
  [
    'a build that answers NaN',
    { label: floats([1], [1, 1]), version: floats([1], [1, 1]), build: floats([Number.NaN], [1, 1]) },
    'output y[0] is NaN',
  ],
])('%s is a problem', (_what, row, message) => {
  expect(measured([row])).toBe(message)
})

const accuracy = (version: number, build: number) => ({ measure: 'accuracy' as const, labels: 200, version, build })
const error = (version: number, build: number) => ({ measure: 'rmse' as const, labels: 200, version, build })
const goal = { agreementMin: 0.99, differenceMax: 0.05 }

test.each([
  ['a drop at the limit', accuracy(0.95, 0.945), { accuracyDropMax: 0.005 }, true],
  ['a drop above the limit', accuracy(0.95, 0.94), { accuracyDropMax: 0.005 }, false],
  ['a drop of a hundredth without a goal for it', accuracy(0.95, 0.94), {}, true],
  ['a larger drop without a goal for it', accuracy(0.95, 0.935), {}, false],
  ['a build that is more right than the version', accuracy(0.9, 0.95), { accuracyDropMax: 0 }, true],
  ['an error that rises as allowed', error(2, 2.2), { errorRiseMax: 0.1 }, true],
  ['an error that rises more', error(2, 2.21), { errorRiseMax: 0.1 }, false],
  ['an error of a version that has none', error(0, 0.1), { errorRiseMax: 0.1 }, false],
])('%s decides, and the agreement does not', (_what, task, own, ok) => {
  const near = [{ output: 'y', agreement: 1, difference: 0, task }]
  const far = [{ output: 'y', agreement: 0.1, difference: 9, task }]
  expect(judgeFidelity(near, { ...goal, ...own }).ok).toBe(ok)
  expect(judgeFidelity(far, { ...goal, ...own }).ok).toBe(ok)
})

test('an output without labels is compared with that of the version, beside one that has labels', () => {
  const other = { output: 'z', agreement: 0.5, difference: 1 }
  expect(judgeFidelity([{ output: 'y', difference: 9, task: accuracy(1, 1) }, other], goal)).toMatchObject({
    message: expect.stringContaining('output z: 0.5 of its rows agree'),
  })
})

test('a refusal names the measure, the labels and the limit', () => {
  const task = accuracy(0.95, 0.9)
  expect(judgeFidelity([{ output: 'y', difference: 0, task }], { ...goal, accuracyDropMax: 0.005 })).toEqual({
    ok: false,
    message: 'output y: accuracy 0.9 on 200 labels, that of the version 0.95; it drops by 5 %, 0.5 % is allowed',
  })
  expect(taskText({ ...error(2, 2.5), mae: { version: 1, build: 1.5 } })).toBe(
    'RMSE 2.5 on 200 labels, that of the version 2 (MAE 1.5, 1)',
  )
})
