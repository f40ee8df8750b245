/**
 * Output view: selects the most useful part of a model's answer: the best elements of a vector, or the table of a
 * matrix. Pure.
 */
import { elementsOfTensor } from '@skerry/client/named-tensor'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { Element } from '@skerry/core/tensors/tensor-elements'

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

/** A float is exact to six digits. */
export function elementText(element: Element): string {
  if (typeof element === 'string') return JSON.stringify(element)
  if (typeof element !== 'number' || Number.isInteger(element) || !Number.isFinite(element)) return String(element)
  return String(Number(element.toPrecision(6)))
}
