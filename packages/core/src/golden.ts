/**
 * Golden: compares what a model answers on this hardware with what the reference answered. Tensors are raw little-endian bytes, as
 * they are stored and sent. |got - expected| <= absolute + relative * |expected|; BOOL and BYTES must be equal.
 */
import type { Tolerance } from '@skerry/contract/golden'
import { type Datatype, ELEMENT_BYTES } from '@skerry/contract/tensor'

export type GoldenTensor = { datatype: Datatype; shape: readonly number[]; data: Uint8Array }
export type GoldenOutputs = ReadonlyMap<string, GoldenTensor>

export type GoldenVerdict =
  | { ok: true }
  | { ok: false; code: 'golden_mismatch' | 'golden_not_finite' | 'golden_shape_mismatch'; message: string }

/** The first output that is wrong decides; outputs that nobody expects are ignored. */
export function compareGolden(expected: GoldenOutputs, actual: GoldenOutputs, tolerance: Tolerance): GoldenVerdict {
  for (const [name, wanted] of expected) {
    const verdict = compareTensor(name, wanted, actual.get(name), tolerance)
    if (!verdict.ok) return verdict
  }
  return { ok: true }
}

type Refusal = Extract<GoldenVerdict, { ok: false }>

function compareTensor(
  name: string,
  wanted: GoldenTensor,
  got: GoldenTensor | undefined,
  tolerance: Tolerance,
): GoldenVerdict {
  if (got === undefined) return refuse('golden_shape_mismatch', `output ${name} is missing`)
  if (got.datatype !== wanted.datatype || got.shape.join() !== wanted.shape.join()) {
    const message = `output ${name} is ${describe(got)}, expected ${describe(wanted)}`
    return refuse('golden_shape_mismatch', message)
  }
  if (wanted.datatype === 'BYTES') return compareBytes(name, wanted.data, got.data)
  const size = ELEMENT_BYTES[wanted.datatype]
  const count = wanted.shape.reduce((product, dimension) => product * dimension, 1)
  if (wanted.data.byteLength !== count * size || got.data.byteLength !== count * size) {
    return refuse('golden_shape_mismatch', `output ${name} does not have the bytes of its shape [${wanted.shape}]`)
  }
  return compareNumbers(name, wanted, got, wanted.datatype === 'BOOL' ? EXACTLY : tolerance)
}

const EXACTLY: Tolerance = { absolute: 0, relative: 0 }

function compareNumbers(
  name: string,
  { datatype, data }: GoldenTensor,
  got: GoldenTensor,
  tolerance: Tolerance,
): GoldenVerdict {
  const wantedAt = reader(datatype, data)
  const gotAt = reader(datatype, got.data)
  const count = data.byteLength / ELEMENT_BYTES[datatype]
  let worst = { index: -1, difference: 0 }
  let wrong = 0
  for (let index = 0; index < count; index++) {
    const [a, b] = [gotAt(index), wantedAt(index)]
    if (a === b || Object.is(a, b)) continue
    if (!isFiniteValue(a) && isFiniteValue(b))
      return refuse('golden_not_finite', `output ${name}[${index}] is ${a}, expected ${b}`)
    const difference = distance(a, b)
    // Where the reference is infinite so is its allowance, and only the same infinity is right.
    if (isFiniteValue(b) && difference <= allowance(b, tolerance)) continue
    wrong++
    if (worst.index === -1 || difference > worst.difference) worst = { index, difference }
  }
  if (wrong === 0) return { ok: true }
  const { index, difference } = worst
  const message =
    `output ${name}[${index}] is ${gotAt(index)}, expected ${wantedAt(index)} (max difference ${Number(difference.toPrecision(6))}, ` +
    `allowed ${tolerance.absolute} + ${tolerance.relative} × |expected|; ${wrong} of ${count} values differ)`
  return refuse('golden_mismatch', message)
}

function compareBytes(name: string, wanted: Uint8Array, got: Uint8Array): GoldenVerdict {
  const at = wanted.findIndex((byte, index) => byte !== got[index])
  if (at === -1 && wanted.length === got.length) return { ok: true }
  const index = at === -1 ? Math.min(wanted.length, got.length) : at
  const message = `output ${name} differs from byte ${index} on: got ${got[index] ?? 'its end'}, expected ${wanted[index] ?? 'its end'}`
  return refuse('golden_mismatch', message)
}

/** Numbers are compared as numbers; integers of 64 bits keep all their bits until their difference is known. */
type Value = number | bigint

function reader(datatype: Datatype, data: Uint8Array): (index: number) => Value {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const readers: Readonly<Record<Datatype, (index: number) => Value>> = {
    BOOL: (index) => (view.getUint8(index) === 0 ? 0 : 1),
    UINT8: (index) => view.getUint8(index),
    INT8: (index) => view.getInt8(index),
    UINT16: (index) => view.getUint16(index * 2, true),
    INT16: (index) => view.getInt16(index * 2, true),
    FP16: (index) => halfToNumber(view.getUint16(index * 2, true)),
    BF16: (index) => brainToNumber(view.getUint16(index * 2, true)),
    UINT32: (index) => view.getUint32(index * 4, true),
    INT32: (index) => view.getInt32(index * 4, true),
    FP32: (index) => view.getFloat32(index * 4, true),
    UINT64: (index) => view.getBigUint64(index * 8, true),
    INT64: (index) => view.getBigInt64(index * 8, true),
    FP64: (index) => view.getFloat64(index * 8, true),
    BYTES: (index) => view.getUint8(index),
  }
  return readers[datatype]
}

const isFiniteValue = (value: Value) => typeof value === 'bigint' || Number.isFinite(value)

/** NaN where one side is not finite, which is never within a tolerance. */
function distance(a: Value, b: Value): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return Number(a > b ? a - b : b - a)
  return Math.abs(Number(a) - Number(b))
}

const allowance = (expected: Value, { absolute, relative }: Tolerance) =>
  absolute + relative * Math.abs(Number(expected))

/** [IEEE 754] binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const float = new DataView(new ArrayBuffer(4))

/** BF16 is the upper half of a binary32. */
function brainToNumber(bits: number): number {
  float.setUint32(0, bits << 16)
  return float.getFloat32(0)
}

const describe = ({ datatype, shape }: GoldenTensor) => `${datatype} [${shape}]`

const refuse = (code: Refusal['code'], message: string): Refusal => ({ ok: false, code, message })
