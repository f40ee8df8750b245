import { float32, npzOf } from '@skerry/testkit/npz'
import { expect, test } from 'vitest'
import { readCalibrationRows } from './calibration-rows.ts'

const specs = {
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1] }],
}
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const row = (...values: number[]) => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})

test('rows are read without the outputs that the file may have', async () => {
  const cases = [{ inputs: { x: row(1, 2) }, outputs: { y: row(3) } }, { inputs: { x: row(4) } }]
  expect(await readCalibrationRows(bytesOf({ cases }), specs)).toEqual({
    ok: true,
    rows: { cases: [{ inputs: { x: row(1, 2) } }, { inputs: { x: row(4) } }] },
  })
})

test('more rows than a calibration takes are rejected, and as many as it takes are read', async () => {
  const many = (count: number) => bytesOf({ cases: Array.from({ length: count }, () => ({ inputs: { x: row(1) } })) })
  expect(await readCalibrationRows(many(512), specs)).toMatchObject({ ok: true })
  expect(await readCalibrationRows(many(513), specs)).toMatchObject({
    ok: false,
    message: expect.stringContaining('513 cases'),
  })
})

test('a file that is no data set is rejected in words', async () => {
  const text = new TextEncoder().encode('no data')
  expect(await readCalibrationRows(text, specs)).toMatchObject({ ok: false, message: expect.stringMatching(/JSON/) })
})

const double = (shape: number[], ...values: number[]) => ({
  datatype: 'FP64',
  shape,
  data: Buffer.from(Float64Array.from(values).buffer).toString('base64'),
})

test.each([
  ['for each row, and some have none', { cases: [{ inputs: { x: [1] }, labels: { y: 3 } }, { inputs: { x: [2] } }] }],
  ['in a list of rows', [{ inputs: { x: [1] }, labels: 3 }, { inputs: { x: [2] } }]],
])('labels are read %s', async (_what, content) => {
  expect(await readCalibrationRows(bytesOf(content), specs)).toEqual({
    ok: true,
    rows: { cases: [{ inputs: { x: row(1) }, labels: { y: double([], 3) } }, { inputs: { x: row(2) } }] },
  })
})

test.each([
  ['by output', { inputs: { x: [[1], [2]] }, labels: { y: [[0.5], [0.25]] } }],
  ['without the name of the only output', { x: [[1], [2]], labels: [[0.5], [0.25]] }],
])('labels of all rows are read %s', async (_what, content) => {
  const reading = await readCalibrationRows(bytesOf(content), specs)
  const labels = reading.ok && reading.rows.cases.map((each) => each.labels)
  expect(labels).toEqual([{ y: double([1], 0.5) }, { y: double([1], 0.25) }])
})

test.each([
  ['of another output', { inputs: { x: [[1], [2]] }, labels: { z: [1, 2] } }, 'the model has no output z for a label'],
  ['of fewer rows', { inputs: { x: [[1], [2]] }, labels: { y: [1] } }, '2 rows and labels for 1'],
  ['with a text', { inputs: { x: [[1], [2]] }, labels: { y: ['cat', 1] } }, 'case 1: the label of y is no number'],
  ['of uneven lists', { inputs: { x: [[1]] }, labels: { y: [[[1, 2], [3]]] } }, 'not nested evenly'],
  ['without a list', { inputs: { x: [[1]] }, labels: { y: 1 } }, 'no list of labels'],
])('labels %s are rejected', async (_what, content, message) => {
  expect(await readCalibrationRows(bytesOf(content), specs)).toEqual({
    ok: false,
    message: expect.stringContaining(message),
  })
})

const eights = (shape: number[], ...values: number[]) => ({
  descr: '<i8',
  shape,
  data: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
})

test.each(['labels', 'labels/y'])('an archive has labels in the array %s, in their own type', async (name) => {
  const archive = npzOf({ x: float32([2, 1], 1, 2), [name]: eights([2], 4, 5) })
  const reading = await readCalibrationRows(archive, specs)
  expect(reading.ok && reading.rows.cases.map(({ labels }) => labels?.y)).toEqual(
    [4n, 5n].map((value) => ({
      datatype: 'INT64',
      shape: [],
      data: Buffer.from(BigInt64Array.of(value).buffer).toString('base64'),
    })),
  )
})

test('an output that is named labels has expected values there, and no labels', async () => {
  const named = { ...specs, outputs: [{ name: 'labels', datatype: 'INT64' as const, shape: [-1] }] }
  const archive = npzOf({ x: float32([2, 1], 1, 2), labels: eights([2, 1], 4, 5) })
  const reading = await readCalibrationRows(archive, named)
  expect(reading.ok && reading.rows.cases.map(({ labels }) => labels)).toEqual([undefined, undefined])
})
