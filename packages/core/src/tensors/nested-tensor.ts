/** Nested tensor: nested arrays, as people write tensors, against what a model takes. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { bytesOfElements, ELEMENT_WORDS } from './tensor-elements.ts'

export type FlatTensor = { shape: number[]; elements: unknown[] }

/**
 * The shape and elements of `data` for a tensor as the model states it. One dimension may be left out where the model's first may vary,
 * or is 1: a single case of a batch. Flat data take the model's shape where only one dimension of it may vary. Throws in words.
 */
export function flatTensor({ name, shape }: Pick<TensorSpec, 'name' | 'shape'>, data: unknown): FlatTensor {
  const given = shapeOf(data)
  const elements = [data].flat(Number.POSITIVE_INFINITY)
  if (elements.length !== elementCount(given)) throw new Error(`${name} is not nested evenly`)
  const fitting = [given, [1, ...given], fillShape(shape, elements.length)].find((candidate) =>
    fitsShape(candidate, shape),
  )
  if (fitting) return { shape: fitting, elements }
  throw new Error(`${name} takes the shape ${dimensions(shape)}, but this has ${dimensions(given)}`)
}

/** The same, as raw bytes. Throws in words where an element is not of the type, or the type cannot be written in JSON. */
export function tensorFromJson(spec: TensorSpec, data: unknown): { shape: number[]; bytes: Uint8Array<ArrayBuffer> } {
  const { shape, elements } = flatTensor(spec, data)
  const bytes = bytesOfElements(spec.datatype, elements)
  if (bytes) return { shape, bytes }
  throw new Error(
    `${spec.name} has an element that is not ${spec.datatype} in JSON; give ${ELEMENT_WORDS[spec.datatype]}`,
  )
}

/** The elements nested as the shape says; of a scalar, the one. */
export function nestElements(elements: readonly unknown[], [size, ...inner]: readonly number[]): unknown {
  if (size === undefined) return elements[0]
  const step = elementCount(inner)
  return Array.from({ length: size }, (_, at) => nestElements(elements.slice(at * step, (at + 1) * step), inner))
}

function shapeOf(data: unknown): number[] {
  return Array.isArray(data) ? [data.length, ...(data.length === 0 ? [] : shapeOf(data[0]))] : []
}

/** How many elements a shape holds. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

const fitsShape = (candidate: readonly number[] | undefined, shape: readonly number[]): candidate is number[] =>
  candidate?.length === shape.length && candidate.every((size, index) => shape[index] === -1 || shape[index] === size)

/** The model's shape with its one open dimension filled in; undefined where that is not possible. */
function fillShape(shape: readonly number[], count: number): number[] | undefined {
  const fixed = elementCount(shape.filter((size) => size !== -1))
  if (shape.filter((size) => size === -1).length > 1 || fixed === 0) return undefined
  const filled = shape.map((size) => (size === -1 ? count / fixed : size))
  return elementCount(filled) === count && filled.every(Number.isInteger) ? filled : undefined
}

const dimensions = (shape: readonly number[]) => `[${shape.map((size) => (size === -1 ? 'any' : size)).join(', ')}]`
