import { expect, test } from 'vitest'
import { checkCalibration } from './calibration.ts'

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
  expect(checkCalibration(rows(good, good, good), facts)).toEqual({ ok: true, rows: 3 })
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

test('another type', () => {
  const wrong = { x: { ...tensor([1, 2]), datatype: 'INT32' as const } }
  expect(checkCalibration({ cases: [{ inputs: wrong }, { inputs: wrong }] }, facts)).toMatchObject({
    message: expect.stringContaining('x is INT32, and the model takes FP32'),
  })
})
