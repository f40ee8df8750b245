import type { TensorSpec } from '@skerry/contract/models/tensor'
import { expect, test } from 'vitest'
import { readGoldenBytes } from './golden-raw.ts'
import type { GoldenSpecs } from './golden-reading.ts'
import { readGoldenText } from './golden-text.ts'

const spec = (name: string, shape: number[], datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({
  name,
  datatype,
  shape,
})
const model: GoldenSpecs = {
  inputs: [spec('x', [-1, 2])],
  outputs: [spec('y', [-1, 1]), spec('label', [-1], 'INT64'), spec('free', []), spec('w', [2])],
  unrankedOutputs: ['free'],
}

const base64 = (array: Float32Array | Float64Array | Uint16Array) => Buffer.from(array.buffer).toString('base64')
const pair = (...values: number[]) => ({ datatype: 'FP32', shape: [1, 2], data: base64(Float32Array.from(values)) })
const single = (value: number) => ({ datatype: 'FP32', shape: [1, 1], data: base64(Float32Array.of(value)) })

const read = (content: unknown, specs = model) => readGoldenText(JSON.stringify(content), specs, undefined)

test.each<[string, unknown]>([
  [
    'columns below inputs and outputs',
    {
      inputs: {
        x: [
          [1, 2],
          [3, 4],
        ],
      },
      outputs: { y: [0.5, [0.25]] },
    },
  ],
  [
    'columns whose names tell the side',
    {
      x: [
        [1, 2],
        [3, 4],
      ],
      y: [[0.5], [[0.25]]],
    },
  ],
  [
    'rows',
    [
      { inputs: { x: [1, 2] }, outputs: { y: [0.5] } },
      { inputs: { x: [3, 4] }, outputs: { y: [[0.25]] } },
    ],
  ],
  [
    'rows below cases, as tensors of the contract',
    {
      cases: [
        { inputs: { x: pair(1, 2) }, outputs: { y: single(0.5) } },
        { inputs: { x: pair(3, 4) }, outputs: { y: single(0.25) } },
      ],
    },
  ],
])('reads %s', async (_what, content) => {
  const reading = await read(content)
  expect(reading).toMatchObject({ ok: true, expected: ['y'], ignored: [] })
  expect(reading.ok && reading.golden.cases).toEqual([
    { inputs: { x: pair(1, 2) }, outputs: { y: single(0.5) } },
    { inputs: { x: pair(3, 4) }, outputs: { y: single(0.25) } },
  ])
})

test('some cases of a file with rows may have expected outputs, and other keys are ignored', async () => {
  const rows = await read([{ inputs: { x: [1, 2] }, outputs: { label: [7] } }, { inputs: { x: [3, 4] } }])
  expect(rows).toMatchObject({ ok: true, expected: ['label'] })
  expect(rows.ok && rows.golden.cases.map(({ outputs }) => Object.keys(outputs ?? {}))).toEqual([['label'], []])
  const named = await read({ inputs: { x: [[1, 2]] }, made: 'today' })
  expect(named).toMatchObject({ ok: true, expected: [], ignored: ['made'] })
  const plain = await read({ x: [[1, 2]], v1: [3] })
  expect(plain).toMatchObject({ ok: true, expected: [], ignored: ['v1'] })
})

test('an output without a known rank has the shape of its values', async () => {
  const reading = await read({ x: [[1, 2]], free: [[[1, 2, 3]]] })
  expect(reading.ok && reading.golden.cases[0]?.outputs?.free?.shape).toEqual([1, 3])
})

test('a model with inputs named "inputs" and "cases" keeps its columns', async () => {
  const specs = { inputs: [spec('inputs', [-1, 2]), spec('cases', [-1])], outputs: [spec('y', [-1, 1])] }
  const reading = await read({ inputs: [[1, 2]], cases: [[1]], y: [[3]] }, specs)
  expect(reading).toMatchObject({ ok: true, expected: ['y'], ignored: [] })
})

test('numbers become half precision, which the inference protocol has in raw bytes only', async () => {
  const specs = { inputs: [spec('x', [2], 'FP16')], outputs: [] }
  const reading = await read({ x: [[1, 0.5]] }, specs)
  const data = base64(Uint16Array.of(0x3c00, 0x3800))
  expect(reading.ok && reading.golden.cases[0]?.inputs.x).toEqual({ datatype: 'FP16', shape: [2], data })
  expect(await read({ x: [[1, 70_000]] }, specs)).toMatchObject({
    message: expect.stringContaining('FP16 cannot hold'),
  })
  expect(await read({ x: [[1, 'a']] }, specs)).toMatchObject({ message: expect.stringContaining('is not a number') })
})

test.each<[string, unknown, string]>([
  [
    'an unknown output in columns',
    { inputs: { x: [[1, 2]] }, outputs: { z: [1] } },
    'the model has no output z; it has y',
  ],
  ['an unknown input in columns', { inputs: { x: [[1, 2]], z: [1] } }, 'the model has no input z; it has x'],
  ['an unknown output in a row', [{ inputs: { x: [1, 2] }, outputs: { z: 1 } }], 'case 1: the model has no output z'],
  ['outputs that are a list', { inputs: { x: [[1, 2]] }, outputs: [1] }, '"outputs" is not { "OUTPUT": [case, ...] }'],
  ['outputs of a row that are a list', [{ inputs: { x: [1, 2] }, outputs: [1] }], 'case 1: "outputs" is not'],
  ['an output that is no list', { x: [[1, 2]], y: 1 }, 'there is no list of cases for the output y'],
  [
    'fewer outputs than inputs',
    {
      x: [
        [1, 2],
        [3, 4],
      ],
      y: [1],
    },
    'equally many cases: x has 2, y has 1',
  ],
  ['an output of another shape', { x: [[1, 2]], w: [[1, 2, 3]] }, 'case 1: w takes the shape [2]'],
  ['an output of another type', { x: [[1, 2]], label: [[0.5]] }, 'case 1: label has an element that is not INT64'],
  [
    'a tensor that is NaN',
    [{ inputs: { x: [1, 2] }, outputs: { y: single(Number.NaN) } }],
    'case 1: the expected output y[0] is NaN or infinite',
  ],
  [
    'a tensor of another form',
    [{ inputs: { x: [1, 2] }, outputs: { y: { value: 1 } } }],
    'case 1, y: it is neither an array nor { datatype, shape, data }',
  ],
])('rejects %s', async (_what, content, message) => {
  expect(await read(content)).toMatchObject({ ok: false, message: expect.stringContaining(message) })
})

test.each([
  ['NaN', '{"x": [[1, 2]], "y": [[NaN]]}', 'it has NaN or Infinity, which JSON cannot hold'],
  ['an infinity', '{"x": [[-Infinity,2]]}', 'it has NaN or Infinity, which JSON cannot hold'],
  ['a number beyond the doubles', '{"x": [[1, 2]], "y": [[1e999]]}', 'y has an element that is not FP32'],
  ['a text that is no JSON', '{"NaN": nonsense}', 'it is not JSON with an object or a list'],
])('rejects JSON with %s', async (_what, text, message) => {
  expect(await readGoldenText(text, model, undefined)).toMatchObject({
    ok: false,
    message: expect.stringContaining(message),
  })
})

test('raw bytes may be an expected output, which must be finite', async () => {
  const raw = (name: string, ...values: number[]) => ({
    name,
    from: `${name}.bin`,
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  })
  const reading = await readGoldenBytes([raw('x', 1, 2), raw('y', 0.5)], model, undefined)
  expect(reading).toMatchObject({ ok: true, expected: ['y'] })
  expect(reading.ok && reading.golden.cases).toEqual([{ inputs: { x: pair(1, 2) }, outputs: { y: single(0.5) } }])
  const infinite = await readGoldenBytes([raw('x', 1, 2), raw('y', Number.POSITIVE_INFINITY)], model, undefined)
  expect(infinite).toEqual({ ok: false, message: 'y.bin: the expected output y[0] is NaN or infinite' })
})

test.each([
  ['by case', JSON.stringify(Array(33).fill({ inputs: { x: [1, 2] } }))],
  ['by tensor', JSON.stringify({ inputs: { x: Array(33).fill([1, 2]) } })],
])('too many cases %s are counted before they are read', async (_form, text) => {
  const specs = { inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [1, 2] }], outputs: [] }
  expect(await readGoldenText(text, specs, undefined)).toMatchObject({
    ok: false,
    message: 'it has 33 cases, and at most 32 are taken; leave the others out',
  })
})
