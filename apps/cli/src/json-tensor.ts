/** JSON tensor: nested arrays, as people write tensors, against what a model takes; in flat form, and as raw little-endian bytes. */
import type { Datatype, TensorSpec } from '@skerry/contract/tensor'
import { assertNever } from '@skerry/core/assert-never'

export type FlatTensor = { shape: number[]; elements: unknown[] }

/**
 * The shape and elements of `data` for a tensor as the model states it. One dimension may be left out where the model's first may vary,
 * or is 1: a single case of a batch. Flat data take the model's shape where only one dimension of it may vary. Throws in words.
 */
export function flatTensor({ name, shape }: Pick<TensorSpec, 'name' | 'shape'>, data: unknown): FlatTensor {
  const given = shapeOf(data)
  const elements = [data].flat(Number.POSITIVE_INFINITY)
  if (elements.length !== countOf(given)) throw new Error(`${name} is not nested evenly`)
  const fitting = [given, [1, ...given], reshape(shape, elements.length)].find((candidate) =>
    fitsShape(candidate, shape),
  )
  if (fitting) return { shape: fitting, elements }
  throw new Error(`${name} takes the shape ${dimensions(shape)}, and this has ${dimensions(given)}`)
}

/** The raw bytes of the elements; throws where one is not of the type, or the type cannot be written in JSON. */
export function bytesOfElements(name: string, datatype: Datatype, elements: readonly unknown[]): Uint8Array {
  const bytes = encode(datatype, elements)
  if (bytes) return bytes
  const raw = datatype === 'FP16' || datatype === 'BF16' ? '; give it as raw bytes, with NAME=FILE.bin' : ''
  throw new Error(`${name} has an element that is no ${datatype} in JSON${raw}`)
}

function shapeOf(data: unknown): number[] {
  return Array.isArray(data) ? [data.length, ...(data.length === 0 ? [] : shapeOf(data[0]))] : []
}

const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)

const fitsShape = (candidate: readonly number[] | undefined, shape: readonly number[]): candidate is number[] =>
  candidate?.length === shape.length && candidate.every((size, index) => shape[index] === -1 || shape[index] === size)

/** The model's shape with its one open dimension filled in; undefined where that is not possible. */
function reshape(shape: readonly number[], count: number): number[] | undefined {
  const fixed = countOf(shape.filter((size) => size !== -1))
  if (shape.filter((size) => size === -1).length > 1 || fixed === 0) return undefined
  const filled = shape.map((size) => (size === -1 ? count / fixed : size))
  return countOf(filled) === count && filled.every(Number.isInteger) ? filled : undefined
}

const dimensions = (shape: readonly number[]) => `[${shape.map((size) => (size === -1 ? 'any' : size)).join(', ')}]`

const NUMBERS = {
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

function encode(datatype: Datatype, elements: readonly unknown[]): Uint8Array | undefined {
  switch (datatype) {
    case 'BOOL':
      return elements.every((element) => typeof element === 'boolean') ? Uint8Array.from(elements, Number) : undefined
    case 'BYTES':
      return elements.every((element) => typeof element === 'string') ? encodeTexts(elements) : undefined
    case 'INT64':
    case 'UINT64':
      return encodeIntegers(datatype, elements)
    case 'FP16':
    case 'BF16':
      return undefined
    case 'UINT8':
    case 'UINT16':
    case 'UINT32':
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'FP32':
    case 'FP64':
      return encodeNumbers(datatype, elements)
    default:
      return assertNever(datatype)
  }
}

function encodeNumbers(datatype: keyof typeof NUMBERS, elements: readonly unknown[]): Uint8Array | undefined {
  if (!elements.every((element) => typeof element === 'number')) return undefined
  const values = NUMBERS[datatype].from(elements)
  const isFloat = datatype === 'FP32' || datatype === 'FP64'
  // What did not survive was out of range, or a fraction where there can be none.
  const isExact = isFloat ? values.every(Number.isFinite) : values.every((number, index) => number === elements[index])
  return isExact ? new Uint8Array(values.buffer) : undefined
}

function encodeIntegers(datatype: 'INT64' | 'UINT64', elements: readonly unknown[]): Uint8Array | undefined {
  if (!elements.every((element) => typeof element === 'bigint' || Number.isSafeInteger(element))) return undefined
  const integers = elements.map((element) => BigInt(element as number | bigint))
  const values = datatype === 'INT64' ? BigInt64Array.from(integers) : BigUint64Array.from(integers)
  return values.every((number, index) => number === integers[index]) ? new Uint8Array(values.buffer) : undefined
}

/** [Open Inference Protocol V2, BYTES] A u32 length, little-endian, before the bytes of each element. */
function encodeTexts(texts: readonly string[]): Uint8Array {
  const parts = texts.flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8')
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return [length, bytes]
  })
  return Buffer.concat(parts)
}
