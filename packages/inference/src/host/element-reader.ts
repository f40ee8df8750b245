/** Element reader: reads one element of a raw tensor as a number, whatever its data type. */
import type { Datatype } from '@skerry/contract/models/tensor'

/** Reads the element at a byte of a tensor as a number. */
export type ReadElement = (view: DataView, at: number) => number

const READERS: Readonly<Partial<Record<Datatype, ReadElement>>> = {
  BOOL: (view, at) => view.getUint8(at),
  UINT8: (view, at) => view.getUint8(at),
  UINT16: (view, at) => view.getUint16(at, true),
  UINT32: (view, at) => view.getUint32(at, true),
  UINT64: (view, at) => Number(view.getBigUint64(at, true)),
  INT8: (view, at) => view.getInt8(at),
  INT16: (view, at) => view.getInt16(at, true),
  INT32: (view, at) => view.getInt32(at, true),
  INT64: (view, at) => Number(view.getBigInt64(at, true)),
  FP16: (view, at) => halfOf(view.getUint16(at, true)),
  BF16: (view, at) => brainOf(view.getUint16(at, true)),
  FP32: (view, at) => view.getFloat32(at, true),
  FP64: (view, at) => view.getFloat64(at, true),
}

/** [IEEE 754, binary16] A sign, five bits of exponent, ten of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15)
}

const scratch = new DataView(new ArrayBuffer(4))

/** The upper half of a single. */
function brainOf(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}

/** Undefined for texts, which are no numbers. */
export const elementReader = (datatype: Datatype): ReadElement | undefined => READERS[datatype]
