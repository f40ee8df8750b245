import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { Datatype } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementType, elementTypeNumber } from './element-type.ts'
import { TensorProto_DataLocation, TensorProtoSchema } from './generated/onnx_pb.ts'
import { readTensor, readTensorFile, tensorBytes, writeTensor } from './tensor.ts'

const stored = (init: MessageInitShape<typeof TensorProtoSchema>) => create(TensorProtoSchema, init)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const text = (value: string) => new TextEncoder().encode(value)

// Each row is one element, or the fewest that fill a byte, in the typed field that onnx.proto names for its type.
test.each([
  ['float32', { dataType: 1, dims: [1n], floatData: [1.5] }, '0000c03f'],
  ['uint8', { dataType: 2, dims: [2n], int32Data: [0, 255] }, '00ff'],
  ['int8', { dataType: 3, dims: [2n], int32Data: [-128, 127] }, '807f'],
  ['uint16', { dataType: 4, dims: [1n], int32Data: [0xfffe] }, 'feff'],
  ['int16', { dataType: 5, dims: [1n], int32Data: [-2] }, 'feff'],
  ['int32', { dataType: 6, dims: [1n], int32Data: [-2] }, 'feffffff'],
  ['int64', { dataType: 7, dims: [1n], int64Data: [-2n] }, 'feffffffffffffff'],
  ['string', { dataType: 8, dims: [2n], stringData: [text('hé'), text('')] }, '03000000' + '68c3a9' + '00000000'],
  ['bool', { dataType: 9, dims: [2n], int32Data: [1, 0] }, '0100'],
  ['float16', { dataType: 10, dims: [1n], int32Data: [0xbe00] }, '00be'],
  ['float64', { dataType: 11, dims: [1n], doubleData: [1.5] }, '000000000000f83f'],
  ['uint32', { dataType: 12, dims: [1n], uint64Data: [0xffff_fffen] }, 'feffffff'],
  ['uint64', { dataType: 13, dims: [1n], uint64Data: [2n ** 64n - 2n] }, 'feffffffffffffff'],
  ['complex64', { dataType: 14, dims: [1n], floatData: [1.5, 0] }, '0000c03f00000000'],
  ['complex128', { dataType: 15, dims: [1n], doubleData: [1.5, 0] }, '000000000000f83f0000000000000000'],
  ['bfloat16', { dataType: 16, dims: [1n], int32Data: [0x3fc0] }, 'c03f'],
  ['float8e4m3fn', { dataType: 17, dims: [1n], int32Data: [0xf8] }, 'f8'],
  ['int4, two in a byte', { dataType: 22, dims: [3n], int32Data: [0x21, 0x03] }, '2103'],
])('gives %s from its typed field as raw bytes', (_, init, bytes) => {
  const raw = tensorBytes(stored(init), 'it')
  expect(raw.ok ? hex(raw.value) : raw.message).toBe(bytes)
})

test('a scalar has no dimensions, and a tensor with a dimension of nought has no elements', () => {
  expect(readTensor(stored({ dataType: 1, floatData: [2] }))).toMatchObject({
    value: { shape: [], data: { length: 4 } },
  })
  expect(readTensor(stored({ dataType: 1, dims: [0n, 3n] }))).toMatchObject({
    value: { shape: [0, 3], data: { length: 0 } },
  })
})

test.each([
  ['too few values', { dims: [2n], floatData: [1] }, 'model_not_onnx', 'holds 1 values where its shape needs 2'],
  ['values of another type', { dims: [2n], int32Data: [1, 2] }, 'model_not_onnx', 'holds 0 values where'],
  ['raw strings', { dataType: 8, dims: [2n], rawData: text('ab') }, 'model_not_onnx', 'holds 2 bytes'],
  ['no type', { dataType: 0, dims: [1n] }, 'model_not_onnx', 'element type 0'],
  ['a type that cannot be served', { dataType: 22, dims: [2n], int32Data: [1] }, 'model_input_unsupported', 'is int4'],
  [
    'another file',
    { dims: [1n], dataLocation: TensorProto_DataLocation.EXTERNAL },
    'model_incomplete',
    'in another file',
  ],
])('refuses %s', (_, init: MessageInitShape<typeof TensorProtoSchema>, code, message) => {
  expect(readTensor(stored({ dataType: 1, ...init }))).toMatchObject({
    code,
    message: expect.stringContaining(message),
  })
})

test('every data type of the protocol is read back as it was written', () => {
  const anyTensor = fc.constantFrom(...Datatype.options).chain((datatype) => {
    const size = (elementType(elementTypeNumber(datatype))?.bits ?? 0) / 8
    const anyShape = fc.array(fc.nat(3), { maxLength: 3 })
    return anyShape.chain((shape) => {
      const count = shape.reduce((product, dimension) => product * dimension, 1)
      const anyElement =
        size > 0 ? fc.uint8Array({ minLength: size, maxLength: size }) : fc.uint8Array({ maxLength: 5 })
      const anyData = fc.array(anyElement, { minLength: count, maxLength: count })
      return anyData.map((elements) => ({ datatype, shape, data: join(elements, size === 0) }))
    })
  })
  fc.assert(
    fc.property(anyTensor, (tensor) => {
      const file = toBinary(TensorProtoSchema, writeTensor('it', tensor))
      const read = readTensorFile(file)
      expect(read).toEqual({ ok: true, value: { name: 'it', ...tensor } })
    }),
  )
})

test('a string that runs past the end of its tensor is a fault of ours', () => {
  expect(() => writeTensor('it', { datatype: 'BYTES', shape: [1], data: Uint8Array.of(9, 0, 0, 0, 1) })).toThrow(
    RangeError,
  )
})

function join(elements: readonly Uint8Array[], isText: boolean): Uint8Array {
  return Uint8Array.from(elements.flatMap((element) => (isText ? [element.length, 0, 0, 0, ...element] : [...element])))
}
