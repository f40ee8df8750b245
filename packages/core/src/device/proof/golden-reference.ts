/**
 * Golden reference: compares the answers of a runtime with the outputs that a person expects, and states the difference
 * in numbers. The rule is that of golden.ts. A person reads the result while the version can still be corrected, so it
 * has more than the verdict of a device: the place in the tensor, and how many values and cases differ.
 */
import type { Tolerance } from '@skerry/contract/devices/golden'
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { elementReader, elementsOfBytes } from '../../tensors/tensor-elements.ts'
import { assertNever } from '../../values/assert-never.ts'
import {
  caseText,
  placeOf,
  shownValue,
  textDifference,
  type ValueDifference,
  valueDifferenceText,
} from './difference-words.ts'
import { type GoldenOutputs, type GoldenTensor, measureNumbers } from './golden.ts'

/** An output of a case that is not the expected one. */
export type ReferenceDifference = { output: string } & (
  | { kind: 'missing'; outputs: string[] }
  | { kind: 'form'; expected: string; actual: string }
  | ({ kind: 'values' } & Omit<ValueDifference, 'output'>)
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
  const place = caseText(fault)
  switch (fault.kind) {
    case 'missing':
      return `${place}: the model has no output ${fault.output}; name the expected outputs as the model does: ${fault.outputs.join(', ')}`
    case 'form':
      return `${place}: output ${fault.output} is ${fault.actual}, expected ${fault.expected}; correct the expected outputs or the export`
    case 'values':
      return `${place}: ${valueDifferenceText(fault, tolerance)}; ${NEXT}`
    default:
      return assertNever(fault)
  }
}

const NEXT =
  'check the export (evaluation mode, opset, preprocessing), or state a tolerance if the difference is acceptable'

type Form = { kind: 'form'; expected: string; actual: string }

function formDifference(wanted: GoldenTensor, got: GoldenTensor): Form | undefined {
  if (got.datatype === wanted.datatype && got.shape.join() === wanted.shape.join()) return undefined
  return { kind: 'form', expected: formText(wanted), actual: formText(got) }
}

const formText = ({ datatype, shape }: GoldenTensor) => `${datatype} [${shape.join(', ')}]`

type Values = Omit<Extract<ReferenceDifference, { kind: 'values' }>, 'output'>

function valueDifference(wanted: GoldenTensor, got: GoldenTensor, tolerance: Tolerance): Values | Form | undefined {
  const { datatype, shape } = wanted
  if (datatype === 'BYTES') return textsDifference(wanted, got)
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

function textsDifference(wanted: GoldenTensor, got: GoldenTensor): Values | Form | undefined {
  const expected = elementsOfBytes('BYTES', wanted.data)
  const actual = elementsOfBytes('BYTES', got.data)
  if (!expected || !actual || expected.length !== actual.length) {
    return { kind: 'form', expected: 'as many texts as its shape holds', actual: formText(got) }
  }
  const found = textDifference(expected, actual, wanted.shape)
  return found && { kind: 'values', ...found }
}
