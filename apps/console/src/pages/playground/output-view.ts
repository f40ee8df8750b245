/**
 * Output view: selects the most useful part of a model's answer: the best elements of a vector, or the table of a
 * matrix. Pure.
 */
import { elementsOfTensor } from '@skerry/client/named-tensor'
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { Element } from '@skerry/core/tensors/tensor-elements'
import { shortNumber } from '../../components/charts/short-number.ts'
import { indexText } from '../../components/tensors/index-text.ts'

export type Ranked = { index: number; score: number }

/** As many as people remember, and as benchmarks use. */
const BEST_COUNT = 5

/** A shorter vector can be read at a glance. */
const VECTOR_MIN = 3

/** The largest numbers of a vector, best first; undefined if the tensor is no vector. */
export function bestOf(tensor: NamedTensor): Ranked[] | undefined {
  const { shape } = tensor
  const length = shape.at(-1) ?? 1
  if (length < VECTOR_MIN || shape.slice(0, -1).some((size) => size !== 1)) return undefined
  const elements = elementsOfTensor(tensor)
  if (!elements?.every((element) => typeof element === 'number' && Number.isFinite(element))) return undefined
  return elements
    .map((score, index) => ({ index, score: Number(score) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, BEST_COUNT)
}

export type Grid = { columns: number; rows: Element[][] }

/** Nobody reads more rows or columns; people copy them instead. */
const ROWS_MAX = 50
const COLUMNS_MAX = 20

/**
 * A small tensor as rows of its last dimension. Undefined if it is too large, or has more than two dimensions larger
 * than 1.
 */
export function gridOf(tensor: NamedTensor): Grid | undefined {
  const elements = elementsOfTensor(tensor)
  const counting = tensor.shape.filter((size) => size !== 1)
  const columns = counting.length === 0 ? 1 : (tensor.shape.at(-1) ?? 1)
  const rows = elements === undefined || columns === 0 ? 0 : elements.length / columns
  if (!elements || counting.length > 2 || rows === 0 || rows > ROWS_MAX || columns > COLUMNS_MAX) return undefined
  return { columns, rows: Array.from({ length: rows }, (_, at) => elements.slice(at * columns, (at + 1) * columns)) }
}

export type ComparedRow = {
  index: string
  actual: string
  expected: string
  difference: string
  isOutside: boolean
}
export type ComparedRows = { rows: ComparedRow[]; count: number }

/** The page lays out this many rows without a pause. */
const COMPARED_MAX = 500

/** The first elements beside the expected ones. Undefined if the two tensors cannot be compared. */
export function comparedRows(
  tensor: NamedTensor,
  wanted: NamedTensor,
  { absolute, relative }: Tolerance,
): ComparedRows | undefined {
  const [actual, expected] = [elementsOfTensor(tensor), elementsOfTensor(wanted)]
  if (!actual || actual.length !== expected?.length || tensor.shape.join() !== wanted.shape.join()) return undefined
  const rows = actual.slice(0, COMPARED_MAX).map((got, index): ComparedRow => {
    const want = expected[index] ?? ''
    const isEqual = got === want || Object.is(got, want)
    const isNumber = typeof got !== 'string' && typeof want !== 'string' && typeof got !== 'boolean'
    const difference = isNumber ? differenceOf(got, want) : Number.NaN
    return {
      index: indexText(index, tensor.shape),
      actual: elementText(got),
      expected: elementText(want),
      difference: isEqual ? '0' : Number.isNaN(difference) ? '≠' : shortNumber(difference),
      isOutside: !isEqual && !(difference <= absolute + relative * Math.abs(Number(want))),
    }
  })
  return { rows, count: actual.length }
}

const differenceOf = (got: Element, want: Element): number =>
  typeof got === 'bigint' && typeof want === 'bigint'
    ? Number(got > want ? got - want : want - got)
    : Math.abs(Number(got) - Number(want))

/** A float is exact to six digits. */
export function elementText(element: Element): string {
  if (typeof element === 'string') return JSON.stringify(element)
  if (typeof element !== 'number' || Number.isInteger(element) || !Number.isFinite(element)) return String(element)
  return String(Number(element.toPrecision(6)))
}
