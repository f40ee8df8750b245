/**
 * Golden: compares a model's answer on this hardware with the reference answer. Tensors are raw little-endian bytes, as
 * they are stored and sent. |got - expected| <= absolute + relative * |expected|; BOOL and BYTES must be equal.
 */
import type { Tolerance } from '@skerry/contract/devices/golden'
import { type Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { elementReader, elementsOfBytes } from '../../tensors/tensor-elements.ts'
import { placeOf, placeText, shownValue, textDifference, valueDifferenceText } from './difference-words.ts'

/**
 * The usual difference of the same graph between kinds of CPU. Fused multiply-adds and the order of sums change the
 * last of a float's 7 digits, and deep networks gather some of it. Wrong weights differ by far more.
 */
export const USUAL_TOLERANCE: Tolerance = { absolute: 1e-4, relative: 1e-3 }

export type GoldenTensor = { datatype: Datatype; shape: readonly number[]; data: Uint8Array }
export type GoldenOutputs = ReadonlyMap<string, GoldenTensor>

export type GoldenVerdict =
  | { ok: true }
  | { ok: false; code: 'golden_mismatch' | 'golden_not_finite' | 'golden_shape_mismatch'; message: string }

/** The first wrong output decides; unexpected outputs are ignored. */
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
  if (wanted.datatype === 'BYTES') return compareTexts(name, wanted, got)
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
  { datatype, shape, data }: GoldenTensor,
  got: GoldenTensor,
  tolerance: Tolerance,
): GoldenVerdict {
  const wantedAt = elementReader(datatype, data)
  const gotAt = elementReader(datatype, got.data)
  const count = data.byteLength / ELEMENT_BYTES[datatype]
  const { wrong, worst, notFiniteAt } = measureNumbers({ wantedAt, gotAt }, tolerance, { from: 0, to: count })
  if (notFiniteAt !== undefined) {
    const expected = shownValue(wantedAt(notFiniteAt), datatype)
    const message = `output ${name}${placeText(placeOf(notFiniteAt, shape))} is ${gotAt(notFiniteAt)}, expected ${expected}`
    return refuse('golden_not_finite', message)
  }
  if (wrong === 0) return { ok: true }
  const { index, difference } = worst
  const found = {
    output: name,
    index: placeOf(index, shape),
    expected: shownValue(wantedAt(index), datatype),
    actual: shownValue(gotAt(index), datatype),
    largestDifference: difference,
    differing: wrong,
    count,
  }
  const hint = nearHint(difference, allowance(wantedAt(index), tolerance))
  return refuse('golden_mismatch', `${valueDifferenceText(found, tolerance)}${hint}`)
}

/** Up to this many times the allowance, chance in the model or other hardware explains a difference as well as an error. */
const NEAR_TIMES = 10

/** A hint for a small difference; empty for a large one, and for values that must be equal. */
const nearHint = (difference: number, allowed: number) =>
  difference <= allowed * NEAR_TIMES
    ? '; the difference is small: is the model nondeterministic (random operators, dropout)? Export it in evaluation mode, or push it with a wider tolerance'
    : ''

type Readers = { wantedAt: (index: number) => Value; gotAt: (index: number) => Value }

export type Difference = {
  /** How many values are out of tolerance, and the one that is furthest out. */
  wrong: number
  worst: { index: number; difference: number }
  /** The largest difference of all values, within tolerance or not; 0 if none is a number. */
  largest: number
  /** The first value that is not finite although the expected one is. */
  notFiniteAt?: number
}

/**
 * How far numbers lie apart, from one index to before another. A caller that must not block for long measures a large
 * tensor in parts.
 */
export function measureNumbers(
  { wantedAt, gotAt }: Readers,
  tolerance: Tolerance,
  { from, to }: { from: number; to: number },
): Difference {
  const measured: Difference = { wrong: 0, worst: { index: -1, difference: 0 }, largest: 0 }
  for (let index = from; index < to; index++) {
    const a = gotAt(index)
    const b = wantedAt(index)
    if (a === b || Object.is(a, b)) continue
    if (!isFiniteValue(a) && isFiniteValue(b)) measured.notFiniteAt ??= index
    const difference = distance(a, b)
    measured.largest = Math.max(measured.largest, Number.isFinite(difference) ? difference : 0)
    // If the reference is infinite, its allowance is infinite too, and only the same infinity is right.
    if (isFiniteValue(b) && difference <= allowance(b, tolerance)) continue
    measured.worst = worseOf(measured.worst, { index, difference })
    measured.wrong++
  }
  return measured
}

const worseOf = (worst: Difference['worst'], other: Difference['worst']) =>
  worst.index === -1 || other.difference > worst.difference ? other : worst

function compareTexts(output: string, wanted: GoldenTensor, got: GoldenTensor): GoldenVerdict {
  const expected = elementsOfBytes('BYTES', wanted.data)
  const actual = elementsOfBytes('BYTES', got.data)
  if (!expected || !actual || expected.length !== actual.length) return compareBytes(output, wanted.data, got.data)
  const found = textDifference(expected, actual, wanted.shape)
  return found ? refuse('golden_mismatch', valueDifferenceText({ output, ...found }, EXACTLY)) : { ok: true }
}

/** Bytes that are no texts. */
function compareBytes(name: string, wanted: Uint8Array, got: Uint8Array): GoldenVerdict {
  const at = wanted.findIndex((byte, index) => byte !== got[index])
  if (at === -1 && wanted.length === got.length) return { ok: true }
  const index = at === -1 ? Math.min(wanted.length, got.length) : at
  const message = `output ${name} differs from byte ${index} on: got ${got[index] ?? 'its end'}, expected ${wanted[index] ?? 'its end'}`
  return refuse('golden_mismatch', message)
}

/** Numbers are compared as numbers; integers of 64 bits keep all their bits until their difference is known. */
type Value = number | bigint

const isFiniteValue = (value: Value) => typeof value === 'bigint' || Number.isFinite(value)

/** NaN if one side is not finite, which is never within a tolerance. */
function distance(a: Value, b: Value): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return Number(a > b ? a - b : b - a)
  return Math.abs(Number(a) - Number(b))
}

const allowance = (expected: Value, { absolute, relative }: Tolerance) =>
  absolute + relative * Math.abs(Number(expected))

const describe = ({ datatype, shape }: GoldenTensor) => `${datatype} [${shape}]`

const refuse = (code: Refusal['code'], message: string): Refusal => ({ ok: false, code, message })
