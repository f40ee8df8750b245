import type { TensorSpec } from '@skerry/contract/models/tensor'
import { expect, test } from 'vitest'
import { fitTensors, numbersOf } from './model-tensor.ts'
import { normsOf } from './norms.ts'

const spec = (shape: number[], datatype: TensorSpec['datatype'] = 'FP32') => ({ name: 'x', datatype, shape })
const given = (shape: number[], name?: string) => ({
  name,
  shape,
  data: Array.from({ length: shape.reduce((size, one) => size * one, 1) }, (_, at) => at),
})

test.each<[model: number[], step: number[], shape: number[] | undefined]>([
  [
    [-1, 8, 2],
    [3, 8, 2],
    [3, 8, 2],
  ],
  [[-1], [4, 1], [4]],
  [
    [1, 16],
    [1, 8, 2],
    [1, 16],
  ],
  [
    [-1, 1, -1],
    [2, 5],
    [2, 1, 5],
  ],
  [
    [-1, -1, -1],
    [2, 8, 2],
    [2, 8, 2],
  ],
  [[-1, 8, 3], [1, 8, 2], undefined],
  [[1, 8, 2], [3, 8, 2], undefined],
])('a model of %j, asked with %j', (model, step, shape) => {
  const fitted = fitTensors([spec(model)], [given(step)])
  expect(fitted.ok ? fitted.inputs[0]?.shape : undefined).toEqual(shape)
})

test('numbers go into the types of the model, and come back', () => {
  for (const datatype of ['FP32', 'FP64', 'INT8', 'INT64', 'UINT16', 'FP16'] as const) {
    const fitted = fitTensors([spec([-1, 3], datatype)], [given([1, 3], 'x')])
    const [tensor] = fitted.ok ? fitted.inputs : []
    expect([...(numbersOf(tensor ?? { datatype: 'BYTES', data: new Uint8Array() }) ?? [])]).toEqual([0, 1, 2])
  }
  expect(numbersOf({ datatype: 'BYTES', data: new Uint8Array(4) })).toBeUndefined()
})

test('what a model cannot be asked is said in words', () => {
  const said = (specs: TensorSpec[], name?: string) => {
    const fitted = fitTensors(specs, [given([1, 1], name)])
    return fitted.ok ? 'fits' : fitted.message
  }
  expect(said([spec([1]), spec([1])])).toContain('has 2 inputs, but the step provides 1')
  expect(said([spec([1])], 'y')).toContain('no input y: it has x')
  expect(said([spec([1], 'BYTES')])).toContain('takes BYTES')
})

test('norms are what the metadata says, where it says them whole', () => {
  const of = (mean: string, std: string) =>
    normsOf([
      { key: 'skerry.mean', value: mean },
      { key: 'skerry.std', value: std },
    ])
  expect(of('[1, -2.5e1]', '[3,4]')).toEqual({ mean: [1, -25], std: [3, 4] })
  for (const wrong of ['', '[1,]', '[a]', '1', '[1, 0]']) expect(of('[1]', wrong)).toBeUndefined()
})
