import { create, toBinary } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { buildModel, type GraphParts } from './build.ts'
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, TensorProtoSchema } from './generated/onnx_pb.ts'
import { decode } from './wire.ts'
import { writeModel } from './write.ts'

const GRAPH_NODE = [0x0a, 0]
const damaged = { ok: false, code: 'model_not_onnx' }
const tooComplex = { ok: false, code: 'model_too_complex' }

const repeated = (unit: readonly number[], times: number) => {
  const bytes = new Uint8Array(unit.length * times)
  for (let at = 0; at < bytes.length; at += unit.length) bytes.set(unit, at)
  return bytes
}

/** A field of this tag whose value takes `length` bytes, all of them `byte`. */
const filled = (tag: number, length: number, byte: number) => {
  const varint: number[] = []
  let rest = length
  while (rest >= 0x80) {
    varint.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  const bytes = new Uint8Array(2 + varint.length + length).fill(byte)
  bytes.set([tag, ...varint, rest])
  return bytes
}

const nested = (depth: number): GraphParts => ({
  nodes: [
    depth === 0
      ? { operator: 'Identity', inputs: ['x'], outputs: ['y'] }
      : { operator: 'If', inputs: ['c'], outputs: ['y'], attributes: { then_branch: { graph: nested(depth - 1) } } },
  ],
  inputs: [],
  outputs: [],
})

test('byte fields are views into the file, so weights are not copied', () => {
  const bytes = toBinary(TensorProtoSchema, create(TensorProtoSchema, { rawData: Uint8Array.of(1, 2, 3) }))
  const tensor = decode(TensorProtoSchema, bytes)
  expect(tensor.ok && tensor.value.rawData.buffer === bytes.buffer).toBe(true)
})

test('unknown fields survive reading and writing', () => {
  const future = Uint8Array.of(0xf2, 0x06, 3, 1, 2, 3)
  const model = decode(ModelProtoSchema, future)
  expect(model.ok && [...toBinary(ModelProtoSchema, model.value)]).toEqual([...future])
})

test('millions of two-byte objects are rejected as too complex', () => {
  expect(decode(GraphProtoSchema, repeated(GRAPH_NODE, 10_000)).ok).toBe(true)
  expect(decode(GraphProtoSchema, repeated(GRAPH_NODE, 3_000_000))).toMatchObject(tooComplex)
})

test('millions of one-byte integers are rejected as too complex', () => {
  const int64Data = 0x3a
  expect(decode(TensorProtoSchema, filled(int64Data, 10_000, 1)).ok).toBe(true)
  expect(decode(TensorProtoSchema, filled(int64Data, 40_000_000, 1))).toMatchObject(tooComplex)
})

test('subgraphs nest thirty deep and no deeper', () => {
  expect(decode(ModelProtoSchema, writeModel(buildModel(nested(30)))).ok).toBe(true)
  expect(decode(ModelProtoSchema, writeModel(buildModel(nested(40))))).toMatchObject(tooComplex)
})

test.each([
  ['a field that does not exist', [0x00, 0x01], 'NodeProto has a field number that does not exist'],
  ['a number where text belongs', [0x08, 0x01], 'NodeProto has field input with wire type 0 where 2 belongs'],
  ['a group', [0x0b, 0x0c], 'NodeProto has field input with wire type 3 where 2 belongs'],
  ['an unknown group', [0xf3, 0x06], 'NodeProto has field 110 with wire type 3, which ONNX does not use'],
  ['text that is not UTF-8', [0x0a, 1, 0xff], 'NodeProto has field input that is not UTF-8'],
  ['a length over the end', [0x0a, 5, 0x61], 'the file ends inside NodeProto.input, at byte 2 of 3'],
  [
    'a length of sixteen terabytes',
    [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3],
    'the file ends inside NodeProto.input',
  ],
  ['a number without end', [0x0a, ...Array.from({ length: 11 }, () => 0xff)], 'the file ends inside NodeProto.input'],
  ['a child longer than its parent', [0x2a, 2, 0x0a, 9, 0, 0, 0], 'AttributeProto.name is longer than what holds it'],
  ['packed floats that do not fill', [0x2a, 4, 0x3a, 2, 0, 0], 'AttributeProto has field floats with packed values'],
  ['packed numbers cut short', [0x2a, 4, 0x42, 2, 1, 0x80], 'AttributeProto has field ints with packed values'],
])('refuses %s', (_, bytes, message) => {
  const node = decode(NodeProtoSchema, Uint8Array.from(bytes))
  expect(node).toMatchObject({ ...damaged, message: expect.stringContaining(message) })
})
