/**
 * Npy: one array of numpy, in row-major order and little-endian, whatever its file has.
 *
 * Source: numpy/lib/_format_impl.py, "Format Version 1.0" to "3.0" (numpy.org/doc/stable/reference/generated/
 * numpy.lib.format.html).
 */
import { type Datatype, ELEMENT_BYTES, RANK_MAX } from '@skerry/contract/models/tensor'
import { firstNotFinite } from '@skerry/core/tensors/not-finite'
import { bytesOfElements, bytesOfNumbers, elementReader } from '@skerry/core/tensors/tensor-elements'
import { Misfit } from './golden-reading.ts'

/** The type of the elements: a tensor's, or texts of a fixed size. */
export type ElementType = Exclude<Datatype, 'BYTES'> | 'unicode' | 'ascii'

export type NpyArray = { type: ElementType; itemBytes: number; shape: number[]; data: Uint8Array }

/** `\x93NUMPY` */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

/** numpy writes 128 bytes. Only arrays of structures, which are no tensors, have long headers. */
const HEADER_BYTES_MAX = 8_192

/** [numpy, array interface] The kind and size of an element. */
const TYPES: Readonly<Record<string, ElementType>> = {
  b1: 'BOOL',
  u1: 'UINT8',
  u2: 'UINT16',
  u4: 'UINT32',
  u8: 'UINT64',
  i1: 'INT8',
  i2: 'INT16',
  i4: 'INT32',
  i8: 'INT64',
  f2: 'FP16',
  f4: 'FP32',
  f8: 'FP64',
  // numpy has no such type. The package ml_dtypes stores its bfloat16 as two bytes without a meaning.
  V2: 'BF16',
}

/** Parses the bytes of an array. Throws a misfit, which names the array. */
export function readNpy(name: string, bytes: Uint8Array): NpyArray {
  const { descr, isFortran, shape, data } = readHeader(name, bytes)
  const [, order = '', kind = '', size = ''] = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr) ?? []
  if (kind === 'O') throw new Misfit(`${name} holds Python objects, which are never read; give it a type with .astype`)
  const type = kind === 'U' ? 'unicode' : kind === 'S' ? 'ascii' : TYPES[`${kind}${size}`]
  if (!type || Number(size) === 0)
    throw new Misfit(`${name} has the type ${descr}, which no tensor has; convert it with .astype`)
  const unitBytes = kind === 'U' ? 4 : kind === 'S' ? 1 : Number(size)
  const itemBytes = kind === 'U' ? 4 * Number(size) : Number(size)
  if (shape.length > RANK_MAX + 1) throw new Misfit(`${name} has ${shape.length} dimensions`)
  const count = shape.reduce((product, dimension) => product * dimension, 1)
  if (data.length !== count * itemBytes) {
    throw new Misfit(`${name} has ${data.length} bytes, but its shape [${shape.join(', ')}] needs ${count * itemBytes}`)
  }
  const little = order === '>' ? swapped(data, unitBytes) : data
  return { type, itemBytes, shape, data: isFortran ? rowMajor(little, shape, itemBytes) : little }
}

type Header = { descr: string; isFortran: boolean; shape: number[]; data: Uint8Array }

function readHeader(name: string, bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || MAGIC.some((byte, at) => bytes[at] !== byte))
    throw new Misfit(`${name} is no array of numpy`)
  const version = bytes[6] ?? 0
  if (version < 1 || version > 3) throw new Misfit(`${name} has the unknown format version ${version}`)
  const start = version === 1 ? 10 : 12
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > HEADER_BYTES_MAX || start + length > bytes.length)
    throw new Misfit(`${name} has a header that is too long`)
  const header = new TextDecoder().decode(bytes.subarray(start, start + length))
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1]
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1]
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]
  if (descr === undefined || order === undefined || shape === undefined) {
    throw new Misfit(`${name} is an array of structures or has an unknown header; save plain arrays`)
  }
  const sizes = shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]))
  return { descr, isFortran: order === 'True', shape: sizes, data: bytes.subarray(start + length) }
}

function swapped(data: Uint8Array, unitBytes: number): Uint8Array {
  const copy = data.slice()
  for (let at = 0; at < copy.length; at += unitBytes) copy.subarray(at, at + unitBytes).reverse()
  return copy
}

/** In Fortran's order the first dimension varies fastest. */
function rowMajor(data: Uint8Array, shape: readonly number[], itemBytes: number): Uint8Array {
  const copy = new Uint8Array(data.length)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, itemBytes))
  const place = shape.map(() => 0)
  for (let to = 0; to < data.length; to += itemBytes) {
    const from = place.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0)
    copy.set(data.subarray(from, from + itemBytes), to)
    advance(place, shape)
  }
  return copy
}

function advance(place: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const next = (place[axis] ?? 0) + 1
    place[axis] = next === shape[axis] ? 0 : next
    if (place[axis] !== 0) return
  }
}

/** How numpy names the type of a tensor. */
const NUMPY_NAMES: Readonly<Record<Datatype, string>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  BF16: 'bfloat16 of ml_dtypes',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'str',
}

const FLOATS: ReadonlySet<string> = new Set(['FP16', 'BF16', 'FP32', 'FP64'])

/**
 * The elements as raw bytes of a tensor. Numbers become floats of another size, as `.astype` does, because numpy makes
 * 64 bits by default. No float becomes an integer, and no integer changes.
 */
export function tensorBytes(
  name: string,
  { type, itemBytes, data }: Omit<NpyArray, 'shape'>,
  datatype: Datatype,
): Uint8Array {
  if (type === datatype) return data
  if (type === 'unicode' || type === 'ascii') {
    const texts = datatype === 'BYTES' ? textsOf(type, data, itemBytes) : undefined
    const bytes = texts && bytesOfElements('BYTES', texts)
    if (bytes) return bytes
  } else if (datatype !== 'BYTES' && (FLOATS.has(datatype) || !FLOATS.has(type))) {
    const bytes = converted({ type, data }, datatype)
    if (bytes) return bytes
    throw new Misfit(`${name} has a value that ${datatype} cannot hold`)
  }
  const found = type === 'unicode' || type === 'ascii' ? 'text' : NUMPY_NAMES[type]
  throw new Misfit(
    `${name} is ${found} in the file and ${datatype} in the model; convert it to ${NUMPY_NAMES[datatype]}`,
  )
}

type Numbers = { type: Exclude<Datatype, 'BYTES'>; data: Uint8Array }

function converted({ type, data }: Numbers, datatype: Datatype): Uint8Array | undefined {
  const at = elementReader(type, data)
  const values = Array.from({ length: data.length / ELEMENT_BYTES[type] }, (_, index) => at(index))
  if (!FLOATS.has(datatype)) return bytesOfElements(datatype, values)
  const bytes = bytesOfNumbers(datatype, values.map(Number))
  const hasOverflow =
    bytes !== undefined && firstNotFinite(datatype, bytes) !== undefined && firstNotFinite(type, data) === undefined
  return hasOverflow ? undefined : bytes
}

/** Texts of a fixed size, filled up with zeros: 4 bytes a character in `U`, 1 in `S`. */
function textsOf(type: 'unicode' | 'ascii', data: Uint8Array, itemBytes: number): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const unit = type === 'unicode' ? 4 : 1
  const count = itemBytes === 0 ? 0 : data.length / itemBytes
  return Array.from({ length: count }, (_, index) => {
    const codes = Array.from({ length: itemBytes / unit }, (_unused, character) => {
      const at = index * itemBytes + character * unit
      return unit === 4 ? view.getUint32(at, true) : view.getUint8(at)
    })
    return codes
      .map((code) => (code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)))
      .join('')
      .replace(/\0+$/, '')
  })
}
