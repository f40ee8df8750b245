import { expect, test } from 'vitest'
import { checkCalibration, splitRows } from './calibration.ts'

const facts = {
  specs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }],
  bytesOf: (base64: string) => Buffer.from(base64, 'base64'),
}

const tensor = (values: number[], shape = [1, 2]) => ({
  datatype: 'FP32' as const,
  shape,
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})

const rows = (...given: Record<string, ReturnType<typeof tensor>>[]) => ({ cases: given.map((inputs) => ({ inputs })) })
const good = { x: tensor([1, 2]) }

test('rows that fit are counted', () => {
  expect(checkCalibration(rows(good, good, good), facts)).toEqual({ ok: true, rows: 3, labelled: 0 })
})

test.each([
  ['no rows', rows(), 'it has no rows'],
  ['one row', rows(good), 'it has one row'],
  ['an unknown input', rows(good, { ...good, z: tensor([1, 2]) }), 'row 2: the model has no input z; it has x'],
  ['a missing input', rows({}, good), 'row 1: it has no x'],
  [
    'another shape',
    rows(good, { x: tensor([1, 2, 3], [1, 3]) }),
    'x has the shape [1, 3], and the model takes [any, 2]',
  ],
  ['another rank', rows(good, { x: tensor([1, 2], [2]) }), 'x has the shape [2]'],
  ['too few bytes', rows(good, { x: tensor([1]) }), 'x holds 4 bytes, and its shape needs 8'],
  ['NaN', rows(good, { x: tensor([1, Number.NaN]) }), 'row 2: x[1] is NaN or infinite'],
])('%s', (_what, given, message) => {
  expect(checkCalibration(given, facts)).toEqual({ ok: false, message: expect.stringContaining(message) })
})

const outputs = [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 3] }]
const labelled = (label: ReturnType<typeof tensor>, name = 'y') => ({ inputs: good, labels: { [name]: label } })
const classOf = (value: number) => tensor([value], [1])

test.each([
  ['rows without labels give the ranges', [false, true, false, true, true], [0, 2], [1, 3, 4]],
  ['one row without a label is too few', [true, false, true, true, true], [0, 1, 4], [2, 3]],
  ['every fourth of labelled rows gives them', Array(9).fill(true), [0, 1, 4, 8], [2, 3, 5, 6, 7]],
  ['no row has a label', [false, false, false], [0, 1, 2], []],
])('%s', (_what, has, ranges, compared) => {
  const cases = has.map((is) => (is ? labelled(classOf(1)) : { inputs: good }))
  expect(splitRows(cases)).toEqual({ ranges, labelled: compared })
})

test('labels are counted, and each one must fit an output', () => {
  const check = (...cases: ReturnType<typeof labelled>[]) => checkCalibration({ cases }, { ...facts, outputs })
  const row = labelled(classOf(1))
  expect(check(row, row, row, row)).toEqual({ ok: true, rows: 2, labelled: 2 })
  expect(check(row, row)).toMatchObject({ message: expect.stringContaining('no row with a label is left') })
  expect(check(row, labelled(classOf(1), 'z'), row)).toMatchObject({
    message: expect.stringContaining('row 2: the model has no output z for a label; it has y'),
  })
  expect(check(row, row, labelled(tensor([1, 2, 3, 4], [2, 2])))).toMatchObject({
    message: expect.stringContaining('row 3: the label of y has the shape [2, 2], and the output has [any, 3]'),
  })
  expect(check(row, row, labelled(classOf(Number.NaN)))).toMatchObject({
    message: expect.stringContaining('the label of y[0] is NaN or infinite'),
  })
})

test('another type', () => {
  const wrong = { x: { ...tensor([1, 2]), datatype: 'INT32' as const } }
  expect(checkCalibration({ cases: [{ inputs: wrong }, { inputs: wrong }] }, facts)).toMatchObject({
    message: expect.stringContaining('x is INT32, and the model takes FP32'),
  })
})
