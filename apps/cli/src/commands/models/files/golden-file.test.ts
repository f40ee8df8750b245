import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { float32, npzOf } from '@skerry/testkit/npz'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestFolder, type TestFolder } from '../../../../test/stage/cli.ts'
import { parseGoldenSource, readGolden } from './golden-file.ts'

const window: TensorSpec = { name: 'window', datatype: 'FP32', shape: [-1, 2] }
const flag: TensorSpec = { name: 'flag', datatype: 'BOOL', shape: [1] }
const score: TensorSpec = { name: 'score', datatype: 'FP32', shape: [-1, 1] }
const of = (...inputs: TensorSpec[]) => ({ inputs, outputs: [score] })

let folder: TestFolder
beforeAll(async () => {
  folder = await openTestFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder.path, name)
  await writeFile(path, content instanceof Buffer ? content : JSON.stringify(content))
  return path
}

const base64 = (...numbers: number[]) => Buffer.from(Float32Array.from(numbers).buffer).toString('base64')
const tensor = (...numbers: number[]) => ({ datatype: 'FP32', shape: [1, 2], data: base64(...numbers) })

test('the parser reads cases by input, as in the example, and names an unknown input', async () => {
  const path = await file('columns.json', {
    window: [
      [1, 2],
      [3, 4],
    ],
    flag: [[true], [false]],
    v1: [1, 2],
  })
  const { golden, ignored } = await readGolden([{ file: path }], of(window, flag), { absolute: 0.5, relative: 0 })
  expect(ignored).toEqual(['v1'])
  expect(golden.tolerance).toEqual({ absolute: 0.5, relative: 0 })
  expect(golden.cases.map(({ inputs }) => inputs.window)).toEqual([tensor(1, 2), tensor(3, 4)])
  expect(golden.cases[1]?.inputs.flag).toEqual({ datatype: 'BOOL', shape: [1], data: 'AA==' })
})

test('the parser reads the golden file of the sensor example', async () => {
  const path = fileURLToPath(new URL('../../../../../../examples/sensor-anomaly/golden.json', import.meta.url))
  const { golden, ignored } = await readGolden([{ file: path }], of({ ...window, shape: [-1, 8, 2] }), undefined)
  expect(golden.cases).toHaveLength(16)
  expect(golden.cases[0]?.inputs.window?.shape).toEqual([1, 8, 2])
  expect(ignored).toEqual(['v1', 'v2'])
})

test('the parser reads inputs by case, nested or as contract tensors, with or without the key cases', async () => {
  const rows = [{ inputs: { window: [1, 2] } }, { inputs: { window: tensor(3, 4) } }]
  for (const content of [rows, { cases: rows }]) {
    const { golden } = await readGolden([{ file: await file('rows.json', content) }], of(window), undefined)
    expect(golden.cases.map(({ inputs }) => inputs.window)).toEqual([tensor(1, 2), tensor(3, 4)])
  }
})

test('the parser reads raw bytes for each input, and takes the open dimension from their length', async () => {
  const path = await file('case.bin', Buffer.from(Float32Array.of(1, 2, 3, 4).buffer))
  expect(parseGoldenSource(`window=${path}`)).toEqual({ tensor: 'window', file: path })
  const { golden } = await readGolden([{ tensor: 'window', file: path }], of(window), undefined)
  expect(golden.cases[0]?.inputs.window).toEqual({ datatype: 'FP32', shape: [2, 2], data: base64(1, 2, 3, 4) })
})

test.each([
  ['a missing input', { other: [] }, 'there is no list of cases for the input window'],
  [
    'a case that does not fit',
    {
      window: [
        [1, 2],
        [1, 2, 3],
      ],
    },
    'case 2: window takes the shape [any, 2], but this has [3]',
  ],
  ['an element of another type', { window: [['a', 'b']] }, 'case 1: window has an element that is not FP32 in JSON'],
  ['no cases', { window: [] }, 'Too small'],
  ['too many cases', { window: Array.from({ length: 33 }, () => [1, 2]) }, '33 cases, and at most 32'],
  ['an unknown input in a case', [{ inputs: { window: [1, 2], door: [1] } }], 'case 1: the model has no input door'],
  ['a case without inputs', [{ window: [1, 2] }], 'case 1 has no "inputs"'],
  ['a text', 'window', 'it is not JSON with an object or a list'],
])('rejects %s', async (_what, content, message) => {
  const path = await file('bad.json', content)
  await expect(readGolden([{ file: path }], of(window), undefined)).rejects.toMatchObject({
    code: 'file_invalid',
    message: expect.stringContaining(message),
  })
})

test('rejects columns of different lengths', async () => {
  const path = await file('uneven.json', { window: [[1, 2]], flag: [[true], [true]] })
  await expect(readGolden([{ file: path }], of(window, flag), undefined)).rejects.toThrow('equally many cases')
})

test('rejects raw bytes that do not fill the shape, and an input without a file', async () => {
  const path = await file('short.bin', Buffer.alloc(7))
  await expect(readGolden([{ tensor: 'window', file: path }], of(window), undefined)).rejects.toThrow(
    '7 bytes do not fit',
  )
  const whole = await file('whole.bin', Buffer.alloc(8))
  await expect(readGolden([{ tensor: 'window', file: whole }], of(window, flag), undefined)).rejects.toThrow(
    'flag has no file',
  )
  await expect(readGolden([{ tensor: 'door', file: whole }], of(window), undefined)).rejects.toThrow(
    'no input or output door; it has the inputs window and the outputs score',
  )
})

test('expected outputs come from raw bytes beside the inputs, and from a file of numpy', async () => {
  const x = await file('x.bin', Buffer.from(Float32Array.of(1, 2).buffer))
  const y = await file('y.bin', Buffer.from(Float32Array.of(0.5).buffer))
  const sources = [
    { tensor: 'window', file: x },
    { tensor: 'score', file: y },
  ]
  const { golden, expected } = await readGolden(sources, of(window), undefined)
  expect(expected).toEqual(['score'])
  expect(golden.cases[0]?.outputs?.score).toEqual({ datatype: 'FP32', shape: [1, 1], data: base64(0.5) })
  const npz = await file('cases.npz', npzOf({ window: float32([2, 2], 1, 2, 3, 4), score: float32([2, 1], 5, 6) }))
  const read = await readGolden([{ file: npz }], of(window), undefined)
  expect(read.golden.cases.map(({ outputs }) => outputs?.score?.data)).toEqual([base64(5), base64(6)])
  await expect(readGolden([{ file: npz }, { file: npz }], of(window), undefined)).rejects.toMatchObject({
    code: 'usage_wrong',
  })
})
