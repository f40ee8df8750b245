/**
 * Golden reference: compares the answers of a runtime with the outputs that a person expects, and states the difference
 * in numbers. The rule is that of golden.ts. A person reads the result while the version can still be corrected, so it
 * has more than the verdict of a device: the place in the tensor, and how many values and cases differ.
 */
import type { Tolerance } from '@skerry/contract/devices/golden'
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { elementReader, elementsOfBytes, shortFloat } from '../../tensors/tensor-elements.ts'
import { assertNever } from '../../values/assert-never.ts'
import { type GoldenOutputs, type GoldenTensor, measureNumbers } from './golden.ts'

/** An output of a case that is not the expected one. */
export type ReferenceDifference = { output: string } & (
  | { kind: 'missing'; outputs: string[] }
  | { kind: 'form'; expected: string; actual: string }
  | {
      kind: 'values'
      /** The place of the value that is furthest out, by dimension. */
      index: number[]
      expected: number | string
      actual: number | string
      /** Of the values out of tolerance; absent if they are no numbers. */
      largestDifference?: number
      differing: number
      count: number
    }
)

/** What the hub reports about all cases. */
export type ReferenceFault = ReferenceDifference & { case: number; cases: number; casesDiffering: number }

/** The worst output; undefined if all expected outputs are as expected. Other outputs are ignored. */
export function findReferenceDifference(
  expected: GoldenOutputs,
  actual: GoldenOutputs,
  tolerance: Tolerance,
): ReferenceDifference | undefined {
  let worst: ReferenceDifference | undefined
  for (const [output, wanted] of expected) {
    const got = actual.get(output)
    if (got === undefined) return { output, kind: 'missing', outputs: [...actual.keys()] }
    const found = formDifference(wanted, got) ?? valueDifference(wanted, got, tolerance)
    if (found) worst = worstDifference(worst, { output, ...found }, tolerance)
  }
  return worst
}

/** The worse of two differences; of equal ones the earlier. A person corrects the worst one first. */
export const worstDifference = <Each extends ReferenceDifference>(
  before: Each | undefined,
  found: Each,
  tolerance: Tolerance,
): Each => (before && severity(before, tolerance) >= severity(found, tolerance) ? before : found)

/** By how many times the difference exceeds its allowance. Outputs of different sizes are comparable in this way. */
function severity(difference: ReferenceDifference, { absolute, relative }: Tolerance): number {
  if (difference.kind !== 'values') return Number.POSITIVE_INFINITY
  const { largestDifference, expected } = difference
  // Texts have no distance. A value that is not finite has none either.
  if (largestDifference === undefined || !Number.isFinite(largestDifference)) return Number.MAX_VALUE
  return largestDifference / Math.max(absolute + relative * Math.abs(Number(expected)), Number.EPSILON)
}

/** The fault in words, with the next step. */
export function referenceFaultText(fault: ReferenceFault, tolerance: Tolerance): string {
  const others = fault.cases > 1 ? ` (${fault.casesDiffering} of ${fault.cases} cases differ)` : ''
  const place = `golden case ${fault.case} of ${fault.cases}${others}`
  switch (fault.kind) {
    case 'missing':
      return `${place}: the model has no output ${fault.output}; name the expected outputs as the model does: ${fault.outputs.join(', ')}`
    case 'form':
      return `${place}: output ${fault.output} is ${fault.actual}, expected ${fault.expected}; correct the expected outputs or the export`
    case 'values': {
      const at = fault.index.length > 0 ? `[${fault.index.join(', ')}]` : ''
      const values = `output ${fault.output}${at} is ${fault.actual}, expected ${fault.expected}`
      const numbers =
        fault.largestDifference === undefined ? '' : `${differenceText(fault.largestDifference, tolerance)}; `
      return `${place}: ${values} (${numbers}${fault.differing} of ${fault.count} values differ); ${NEXT}`
    }
    default:
      return assertNever(fault)
  }
}

const NEXT =
  'check the export (evaluation mode, opset, preprocessing), or state a tolerance if the difference is acceptable'

const differenceText = (difference: number, { absolute, relative }: Tolerance) =>
  `largest difference of this case ${Number(difference.toPrecision(6))}, allowed ${absolute} + ${relative} × |expected|`

type Form = { kind: 'form'; expected: string; actual: string }

function formDifference(wanted: GoldenTensor, got: GoldenTensor): Form | undefined {
  if (got.datatype === wanted.datatype && got.shape.join() === wanted.shape.join()) return undefined
  return { kind: 'form', expected: formText(wanted), actual: formText(got) }
}

const formText = ({ datatype, shape }: GoldenTensor) => `${datatype} [${shape.join(', ')}]`

type Values = Omit<Extract<ReferenceDifference, { kind: 'values' }>, 'output'>

function valueDifference(wanted: GoldenTensor, got: GoldenTensor, tolerance: Tolerance): Values | Form | undefined {
  const { datatype, shape } = wanted
  if (datatype === 'BYTES') return textDifference(wanted, got)
  const count = shape.reduce((product, size) => product * size, 1)
  const bytes = count * ELEMENT_BYTES[datatype]
  if (wanted.data.byteLength !== bytes) {
    return { kind: 'form', expected: `${wanted.data.byteLength} bytes`, actual: `${formText(got)} of ${bytes} bytes` }
  }
  const wantedAt = elementReader(datatype, wanted.data)
  const gotAt = elementReader(datatype, got.data)
  const allowed = datatype === 'BOOL' ? { absolute: 0, relative: 0 } : tolerance
  const { wrong, worst } = measureNumbers({ wantedAt, gotAt }, allowed, { from: 0, to: count })
  if (wrong === 0) return undefined
  return {
    kind: 'values',
    index: placeOf(worst.index, shape),
    expected: shownValue(wantedAt(worst.index), datatype),
    actual: shownValue(gotAt(worst.index), datatype),
    largestDifference: worst.difference,
    differing: wrong,
    count,
  }
}

function textDifference(wanted: GoldenTensor, got: GoldenTensor): Values | Form | undefined {
  const expected = elementsOfBytes('BYTES', wanted.data)
  const actual = elementsOfBytes('BYTES', got.data)
  if (!expected || !actual || expected.length !== actual.length) {
    return { kind: 'form', expected: 'as many texts as its shape holds', actual: formText(got) }
  }
  const wrong = expected.flatMap((text, at) => (text === actual[at] ? [] : [at]))
  const [first] = wrong
  if (first === undefined) return undefined
  const shown = (texts: readonly unknown[]) => JSON.stringify(String(texts[first]).slice(0, TEXT_SHOWN))
  return {
    kind: 'values',
    index: placeOf(first, wanted.shape),
    expected: shown(expected),
    actual: shown(actual),
    differing: wrong.length,
    count: expected.length,
  }
}

/** A difference is visible within a line, or the text is no label. */
const TEXT_SHOWN = 80

/** A number of 64 bits is text, because JSON cannot hold it. */
const shownValue = (value: number | bigint, datatype: GoldenTensor['datatype']): number | string => {
  if (typeof value === 'bigint') return String(value)
  if (!Number.isFinite(value)) return String(value)
  return datatype === 'FP64' ? value : shortFloat(value)
}

/** Row-major: the last dimension varies fastest. */
function placeOf(index: number, shape: readonly number[]): number[] {
  const place: number[] = []
  let rest = index
  for (const size of shape.toReversed()) {
    place.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return place
}
