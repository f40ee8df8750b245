import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestFolder, type TestFolder } from '../../../../test/stage/cli.ts'
import { parseGoldenSource, readGolden } from './golden-file.ts'

const window: TensorSpec = { name: 'window', datatype: 'FP32', shape: [-1, 2] }
const flag: TensorSpec = { name: 'flag', datatype: 'BOOL', shape: [1] }

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

test('cases by input, as in the example; what is no input is named', async () => {
  const path = await file('columns.json', {
    window: [
      [1, 2],
      [3, 4],
    ],
    flag: [[true], [false]],
    v1: [1, 2],
  })
  const { golden, ignored } = await readGolden([{ file: path }], [window, flag], { absolute: 0.5, relative: 0 })
  expect(ignored).toEqual(['v1'])
  expect(golden.tolerance).toEqual({ absolute: 0.5, relative: 0 })
  expect(golden.cases.map(({ inputs }) => inputs.window)).toEqual([tensor(1, 2), tensor(3, 4)])
  expect(golden.cases[1]?.inputs.flag).toEqual({ datatype: 'BOOL', shape: [1], data: 'AA==' })
})

test('the golden file of the sensor example', async () => {
  const path = fileURLToPath(new URL('../../../../../../examples/sensor-anomaly/golden.json', import.meta.url))
  const { golden, ignored } = await readGolden([{ file: path }], [{ ...window, shape: [-1, 8, 2] }], undefined)
  expect(golden.cases).toHaveLength(16)
  expect(golden.cases[0]?.inputs.window?.shape).toEqual([1, 8, 2])
  expect(ignored).toEqual(['v1', 'v2'])
})

test('inputs by case, nested or as the contract writes tensors, with or without the word cases', async () => {
  const rows = [{ inputs: { window: [1, 2] } }, { inputs: { window: tensor(3, 4) } }]
  for (const content of [rows, { cases: rows }]) {
    const { golden } = await readGolden([{ file: await file('rows.json', content) }], [window], undefined)
    expect(golden.cases.map(({ inputs }) => inputs.window)).toEqual([tensor(1, 2), tensor(3, 4)])
  }
})

test('raw bytes for each input, whose length tells the open dimension', async () => {
  const path = await file('case.bin', Buffer.from(Float32Array.of(1, 2, 3, 4).buffer))
  expect(parseGoldenSource(`window=${path}`)).toEqual({ input: 'window', file: path })
  const { golden } = await readGolden([{ input: 'window', file: path }], [window], undefined)
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
  ['too many cases', { window: Array.from({ length: 33 }, () => [1, 2]) }, 'Too big'],
  ['a stranger in a case', [{ inputs: { window: [1, 2], door: [1] } }], 'case 1: the model has no input door'],
  ['a case without inputs', [{ window: [1, 2] }], 'case 1 has no "inputs"'],
  ['a word', 'window', 'it is not JSON with an object or a list'],
])('refuses %s', async (_what, content, message) => {
  const path = await file('bad.json', content)
  await expect(readGolden([{ file: path }], [window], undefined)).rejects.toMatchObject({
    code: 'file_invalid',
    message: expect.stringContaining(message),
  })
})

test('refuses columns of different lengths', async () => {
  const path = await file('uneven.json', { window: [[1, 2]], flag: [[true], [true]] })
  await expect(readGolden([{ file: path }], [window, flag], undefined)).rejects.toThrow('equally many cases')
})

test('refuses raw bytes that do not fill the shape, and an input without a file', async () => {
  const path = await file('short.bin', Buffer.alloc(7))
  await expect(readGolden([{ input: 'window', file: path }], [window], undefined)).rejects.toThrow('7 bytes do not fit')
  const whole = await file('whole.bin', Buffer.alloc(8))
  await expect(readGolden([{ input: 'window', file: whole }], [window, flag], undefined)).rejects.toThrow(
    'flag has no file',
  )
  await expect(readGolden([{ input: 'door', file: whole }], [window], undefined)).rejects.toThrow(
    'no input door; it has window',
  )
})
