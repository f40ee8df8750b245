import { create } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { storedTensors } from './body.ts'
import { buildModel } from './build.ts'
import { StringStringEntryProtoSchema, type TensorProto, TensorProto_DataLocation } from './generated/onnx_pb.ts'
import { inlineWeights } from './inline-weights.ts'
import { readModel } from './read.ts'
import { isExternal } from './tensor.ts'
import { writeModel } from './write.ts'

const bytesOf = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const value = (name: string) => ({ name, datatype: 'FP32' as const, shape: [1] })
const weightOf = (name: string) => ({ name, datatype: 'FP32' as const, shape: [1], data: bytesOf(0) })

const branch = (output: string) => ({
  graph: {
    nodes: [{ operator: 'Mul', inputs: ['x', `${output}w`], outputs: [output] }],
    inputs: [],
    outputs: [value(output)],
    initialisers: [weightOf(`${output}w`)],
  },
})

/** One weight in the main graph and one in each branch, of which those named lie in a file. */
function modelWith(outside: readonly string[]): Uint8Array {
  const model = buildModel({
    inputs: [{ name: 'c', datatype: 'BOOL', shape: [] }, value('x')],
    outputs: [value('y')],
    nodes: [
      {
        operator: 'If',
        inputs: ['c'],
        outputs: ['z'],
        attributes: { then_branch: branch('a'), else_branch: branch('b') },
      },
      { operator: 'Mul', inputs: ['z', 'w'], outputs: ['y'] },
    ],
    initialisers: [weightOf('w')],
  })
  const graphs = [model.graph, ...(model.graph.node[0]?.attribute ?? []).flatMap(({ g }) => g ?? [])]
  const tensors = graphs.flatMap(({ initializer }) => initializer)
  for (const tensor of tensors) if (outside.includes(tensor.name)) moveOut(tensor, 4 * outside.indexOf(tensor.name))
  return writeModel(model)
}

function moveOut(tensor: TensorProto, offset: number) {
  tensor.rawData = new Uint8Array(0)
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL
  tensor.externalData = Object.entries({ location: 'w.bin', offset: `${offset}`, length: '4' }).map(([key, text]) =>
    create(StringStringEntryProtoSchema, { key, value: text }),
  )
}

test('moves the weights of branches in, and leaves those of the main graph in their file', () => {
  const inlined = inlineWeights(modelWith(['w', 'aw', 'bw']), new Map([['w.bin', bytesOf(1, 2, 3)]]))
  const model = inlined.ok && inlined.value ? readModel(inlined.value) : undefined
  if (!model?.ok) throw new Error('the model is lost')
  const found = [...storedTensors(model.value)].map(({ tensor }) => [
    tensor.name,
    isExternal(tensor) ? 'outside' : new Float32Array(new Uint8Array(tensor.rawData).buffer)[0],
  ])
  expect(found).toEqual([
    ['w', 'outside'],
    ['aw', 2],
    ['bw', 3],
  ])
})

test('a model without such weights stays as it is', () => {
  expect(inlineWeights(modelWith(['w']), new Map())).toEqual({ ok: true, value: undefined })
})

test.each([[new Map()], [new Map([['w.bin', bytesOf(1)]])]])('a file that is missing or cut is named', (files) => {
  expect(inlineWeights(modelWith(['w', 'aw']), files)).toMatchObject({
    ok: false,
    code: 'model_incomplete',
    message: expect.stringContaining('"w.bin"'),
  })
})
