/** Invariance check: a changed input must not change the answers, or only in one direction. */
import type { Expectation, InputChange } from '@skerry/contract/checks/check-file'
import type { Tolerance } from '@skerry/contract/devices/tolerance'
import type { GoldenOutputs, GoldenTensor } from '../device/proof/golden.ts'
import { bytesOfNumbers, elementReader, elementsOfBytes } from '../tensors/tensor-elements.ts'
import { assertNever } from '../values/assert-never.ts'
import type { Verdict } from './verdict.ts'

export type ChangedInput = { ok: true; tensor: GoldenTensor } | { ok: false; message: string }

/** The tensor with the operation applied to each element, or to one column of its last axis. */
export function changeTensor(tensor: GoldenTensor, change: InputChange): ChangedInput {
  const { datatype, shape, data } = tensor
  const width = shape.at(-1) ?? 1
  const { column } = change
  if (column !== undefined && column >= width)
    return { ok: false, message: `the input has ${width} columns, so it has no column ${column}; they count from 0` }
  if (datatype === 'BYTES' || datatype === 'BOOL')
    return { ok: false, message: `the input has the type ${datatype}, and only numbers can be changed` }
  const read = elementReader(datatype, data)
  const count = shape.reduce((product, size) => product * size, 1)
  const isChanged = (at: number) => column === undefined || at % width === column
  const values = Array.from({ length: count }, (_, at) => {
    const value = Number(read(at))
    return isChanged(at) ? changedNumber(value, change) : value
  })
  const bytes = bytesOfNumbers(datatype, values)
  return bytes
    ? { ok: true, tensor: { datatype, shape, data: bytes } }
    : { ok: false, message: 'the input has no numbers' }
}

function changedNumber(value: number, { add, multiply, set }: InputChange): number {
  if (set !== undefined) return set
  return multiply === undefined ? value + (add ?? 0) : value * multiply
}

export type ChangedCase = { before: GoldenOutputs; after: GoldenOutputs }

type Rule = { expect: Expectation; output?: string | undefined; tolerance: Tolerance }

/** The limit of two numbers, in words. */
export const toleranceText = ({ absolute, relative }: Tolerance): string => `±(${absolute} + ${relative} × |value|)`

/** Compares the answers before and after the change, element by element. An answer that is not finite fails. */
export function judgeInvariance(cases: readonly ChangedCase[], rule: Rule): Verdict {
  const limit = `${EXPECTED_WORDS[rule.expect]}, ${toleranceText(rule.tolerance)}`
  const found: Compared = { compared: 0, wrong: 0, worst: undefined }
  for (const [index, { before, after }] of cases.entries()) {
    for (const name of rule.output === undefined ? before.keys() : [rule.output]) {
      const pairs = pairsOf(before.get(name), after.get(name))
      const place = `case ${index + 1}`
      if (!pairs) return { passed: false, measured: `${place}: output ${name} is missing or changed its shape`, limit }
      addPairs(found, pairs, { ...rule, place: `${place}, ${name}` })
    }
  }
  const { compared, wrong, worst } = found
  if (compared === 0) return { passed: false, measured: 'no answer was compared; the file has no cases', limit }
  const measured = worst ? `${worst.text}; ${wrong} of ${compared} answers differ` : `${compared} answers as expected`
  return { passed: worst === undefined, measured, limit }
}

type Compared = { compared: number; wrong: number; worst: { excess: number; text: string } | undefined }

function addPairs(
  found: Compared,
  pairs: readonly [Scalar, Scalar][],
  { place, ...rule }: Rule & { place: string },
): void {
  found.compared += pairs.length
  for (const [at, [from, to]] of pairs.entries()) {
    const excess = excessOf(from, to, rule)
    if (excess <= 0) continue
    found.wrong += 1
    if (found.worst && found.worst.excess >= excess) continue
    found.worst = { excess, text: `${place}[${at}]: ${from} became ${to}` }
  }
}

const EXPECTED_WORDS: Readonly<Record<Expectation, string>> = {
  same: 'the same answers',
  'not-lower': 'no lower answer',
  'not-higher': 'no higher answer',
}

type Scalar = number | string

function pairsOf(before: GoldenTensor | undefined, after: GoldenTensor | undefined): [Scalar, Scalar][] | undefined {
  if (!before || !after || before.datatype !== after.datatype) return undefined
  if (before.shape.join() !== after.shape.join()) return undefined
  const [from, to] = [scalarsOf(before), scalarsOf(after)]
  return from.map((value, at) => [value, to[at] ?? Number.NaN])
}

const scalarsOf = ({ datatype, data }: GoldenTensor): Scalar[] =>
  (elementsOfBytes(datatype, data) ?? []).map((one) => (typeof one === 'string' ? one : Number(one)))

/** By how much a pair breaks the rule; 0 or less if it does not. Texts are equal or not. */
function excessOf(from: Scalar, to: Scalar, { expect, tolerance }: Omit<Rule, 'output'>): number {
  if (typeof from === 'string' || typeof to === 'string') return from === to ? 0 : Number.MAX_VALUE
  if (!Number.isFinite(from) || !Number.isFinite(to)) return Number.MAX_VALUE
  const allowed = tolerance.absolute + tolerance.relative * Math.abs(from)
  switch (expect) {
    case 'same':
      return Math.abs(to - from) - allowed
    case 'not-lower':
      return from - to - allowed
    case 'not-higher':
      return to - from - allowed
    default:
      return assertNever(expect)
  }
}
