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
