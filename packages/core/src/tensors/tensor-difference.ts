/**
 * Tensor difference: how far an output is from the expected one, in numbers: the largest and the mean difference, and
 * the share outside of the tolerance. The rule of the tolerance is the rule of golden cases.
 */
import type { Tolerance } from '@skerry/contract/devices/golden'
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { type GoldenTensor, measureNumbers } from '../device/proof/golden.ts'
import { elementReader, elementsOfBytes } from './tensor-elements.ts'

/** The reason why two tensors have no differences in numbers. */
export type Incomparable = 'missing' | 'added' | 'datatype' | 'shape' | 'bytes'

/** One part of a long output; a chart draws it as one mark. */
export type DifferencePart = {
  /** Index of its first element. */
  from: number
  /** Index after its last element. */
  to: number
  /** Largest difference of two finite numbers. */
  largest: number
  outside: number
}

export type TensorDifference =
  | { comparable: false; reason: Incomparable; expected?: TensorForm; actual?: TensorForm }
  | {
      comparable: true
      count: number
      /** Elements that are not equal, and those of them outside of the tolerance. */
      differing: number
      outside: number
      /** Of finite numbers; 0 for texts. */
      largest: number
      mean: number
      /** The index of the first element outside of the tolerance; without one, of the largest difference. */
      at?: number
      /** The first element that is not finite although the expected one is. */
      notFiniteAt?: number
      parts: DifferencePart[]
    }

export type TensorForm = Pick<GoldenTensor, 'datatype' | 'shape'>

/** A chart has about this many pixels for marks. */
export const PARTS_MAX = 128

const EXACTLY: Tolerance = { absolute: 0, relative: 0 }

/** Compares an output with the expected one. Either may be absent, because a version lacks the output. */
export function tensorDifference(
  expected: GoldenTensor | undefined,
  actual: GoldenTensor | undefined,
  tolerance: Tolerance,
): TensorDifference {
  const forms = { ...(expected && { expected: formOf(expected) }), ...(actual && { actual: formOf(actual) }) }
  if (!expected || !actual) return { comparable: false, reason: expected ? 'missing' : 'added', ...forms }
  if (expected.datatype !== actual.datatype) return { comparable: false, reason: 'datatype', ...forms }
  if (expected.shape.join() !== actual.shape.join()) return { comparable: false, reason: 'shape', ...forms }
  if (expected.datatype === 'BYTES')
    return compareTexts(expected, actual) ?? { comparable: false, reason: 'bytes', ...forms }
  const count = expected.shape.reduce((product, size) => product * size, 1)
  const bytes = count * ELEMENT_BYTES[expected.datatype]
  const fits = expected.data.byteLength === bytes && actual.data.byteLength === bytes
  return fits
    ? compareNumbers(expected, actual, { count, tolerance: expected.datatype === 'BOOL' ? EXACTLY : tolerance })
    : { comparable: false, reason: 'bytes', ...forms }
}

/** Whether every element is within the tolerance. */
export const isWithin = (difference: TensorDifference): boolean => difference.comparable && difference.outside === 0

const formOf = ({ datatype, shape }: GoldenTensor): TensorForm => ({ datatype, shape })

type Measure = { count: number; tolerance: Tolerance }

function compareNumbers(expected: GoldenTensor, actual: GoldenTensor, { count, tolerance }: Measure): TensorDifference {
  const wantedAt = elementReader(expected.datatype, expected.data)
  const gotAt = elementReader(actual.datatype, actual.data)
  const parts: DifferencePart[] = []
  let first: number | undefined
  let notFiniteAt: number | undefined
  for (const { from, to } of partsOf(count)) {
    const measured = measureNumbers({ wantedAt, gotAt }, tolerance, { from, to })
    parts.push({ from, to, largest: measured.largest, outside: measured.wrong })
    if (measured.wrong > 0) first ??= firstOutside({ wantedAt, gotAt }, tolerance, { from, to })
    notFiniteAt ??= measured.notFiniteAt
  }
  const { differing, mean, largest, largestAt } = spreadOf({ wantedAt, gotAt }, count)
  const at = first ?? largestAt
  return {
    comparable: true,
    count,
    differing,
    outside: parts.reduce((sum, { outside }) => sum + outside, 0),
    largest,
    mean,
    ...(at !== undefined && { at }),
    ...(notFiniteAt !== undefined && { notFiniteAt }),
    parts,
  }
}

type Readers = Parameters<typeof measureNumbers>[0]

function firstOutside(readers: Readers, tolerance: Tolerance, { from, to }: { from: number; to: number }) {
  for (let index = from; index < to; index++)
    if (measureNumbers(readers, tolerance, { from: index, to: index + 1 }).wrong > 0) return index
  return undefined
}

function spreadOf({ wantedAt, gotAt }: Readers, count: number) {
  let differing = 0
  let finite = 0
  let mean = 0
  let largest = 0
  let largestAt: number | undefined
  for (let index = 0; index < count; index++) {
    const a = wantedAt(index)
    const b = gotAt(index)
    const isSame = a === b || Object.is(a, b)
    if (!isSame) differing += 1
    const difference = isSame ? 0 : differenceOf(a, b)
    if (!Number.isFinite(difference)) continue
    finite += 1
    // A running mean: the sum of many large differences may be infinite.
    mean += (difference - mean) / finite
    if (difference <= largest) continue
    largest = difference
    largestAt = index
  }
  return { differing, mean, largest, largestAt }
}

const differenceOf = (a: number | bigint, b: number | bigint) =>
  typeof a === 'bigint' && typeof b === 'bigint' ? Number(a > b ? a - b : b - a) : Math.abs(Number(a) - Number(b))

/** At most `PARTS_MAX` parts of about one size. */
function partsOf(count: number): { from: number; to: number }[] {
  const parts = Math.min(count, PARTS_MAX)
  return Array.from({ length: parts }, (_, index) => ({
    from: Math.floor((index * count) / parts),
    to: Math.floor(((index + 1) * count) / parts),
  }))
}

/** Texts are equal or not. Undefined if bytes are no texts. */
function compareTexts(expected: GoldenTensor, actual: GoldenTensor): TensorDifference | undefined {
  const wanted = elementsOfBytes('BYTES', expected.data)
  const got = elementsOfBytes('BYTES', actual.data)
  if (!wanted || !got || wanted.length !== got.length) return undefined
  const wrong = wanted.flatMap((text, index) => (text === got[index] ? [] : [index]))
  const [at] = wrong
  return {
    comparable: true,
    count: wanted.length,
    differing: wrong.length,
    outside: wrong.length,
    largest: 0,
    mean: 0,
    ...(at !== undefined && { at }),
    parts: partsOf(wanted.length).map(({ from, to }) => ({
      from,
      to,
      largest: 0,
      outside: wrong.filter((index) => index >= from && index < to).length,
    })),
  }
}
