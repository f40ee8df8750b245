import { expect, test } from 'vitest'
import { readAnswer } from './oip-frame.ts'

/** The answer of a runner with one FP32 output of these values. */
function answerOf(...values: number[]) {
  const data = new Uint8Array(Float32Array.from(values).buffer)
  const output = { name: 'y', datatype: 'FP32', shape: [values.length], parameters: { binary_data_size: data.length } }
  const json = Buffer.from(JSON.stringify({ model_version: '1', outputs: [output] }))
  return { data, body: Buffer.concat([json, data]), jsonBytes: json.length }
}

test.each([
  [[1.5, 0], 'numbers'],
  [[1.5, -0], 'bytes'],
  [[Number.NaN], 'bytes'],
])('outputs %j travel as %s, because JSON would change the others', (values, form) => {
  const { data, body, jsonBytes } = answerOf(...values)
  const expected = form === 'numbers' ? values : Buffer.from(data).toString('base64')
  expect(readAnswer(body, jsonBytes, 'values')?.outputs[0]?.data).toEqual(expected)
})
