/** Output view: what of a model's answer is worth seeing first: the best of a vector, a table of a matrix. Pure. */
import { elementsOfTensor } from '@skerry/client/named-tensor'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { Element } from '@skerry/core/tensors/tensor-elements'

export type Ranked = { index: number; score: number }

/** As many as people remember, and benchmarks count. */
const BEST_COUNT = 5

/** Fewer are read at a glance. */
const VECTOR_MIN = 3

/** The largest of a vector of numbers, best first; undefined where it is none. */
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

/** More rows or columns than that are not read, but copied. */
const ROWS_MAX = 50
const COLUMNS_MAX = 20

/** A small tensor as rows of its last dimension; undefined where it is too large or of more than two dimensions that count. */
export function gridOf(tensor: NamedTensor): Grid | undefined {
  const elements = elementsOfTensor(tensor)
  const counting = tensor.shape.filter((size) => size !== 1)
  const columns = counting.length === 0 ? 1 : (tensor.shape.at(-1) ?? 1)
  const rows = elements === undefined || columns === 0 ? 0 : elements.length / columns
  if (!elements || counting.length > 2 || rows === 0 || rows > ROWS_MAX || columns > COLUMNS_MAX) return undefined
  return { columns, rows: Array.from({ length: rows }, (_, at) => elements.slice(at * columns, (at + 1) * columns)) }
}

/** Six digits are what a float is sure of. */
export function elementText(element: Element): string {
  if (typeof element === 'string') return JSON.stringify(element)
  if (typeof element !== 'number' || Number.isInteger(element) || !Number.isFinite(element)) return String(element)
  return String(Number(element.toPrecision(6)))
}
