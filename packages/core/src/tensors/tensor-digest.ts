/** Tensor digest: what a person wants to see of a tensor: its first elements, and how its numbers lie. */
import { type Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { type Element, elementReader, elementsOfBytes } from './tensor-elements.ts'

export type TensorDigest = {
  count: number
  /** The first ones, in the order in which they are stored. */
  first: Element[]
  /** Of all finite numbers; absent where there are none. */
  numbers?: { min: number; max: number; mean: number }
  /** Elements that are NaN or infinite. */
  notFinite: number
}

/** The digest; undefined where the bytes do not fit the type. */
export function digestTensor(datatype: Datatype, data: Uint8Array, firstMax: number): TensorDigest | undefined {
  if (datatype === 'BYTES') {
    const texts = elementsOfBytes(datatype, data)
    return texts && { count: texts.length, first: texts.slice(0, firstMax), notFinite: 0 }
  }
  const count = data.byteLength / ELEMENT_BYTES[datatype]
  if (!Number.isInteger(count)) return undefined
  const size = Math.min(count, firstMax) * ELEMENT_BYTES[datatype]
  const first = elementsOfBytes(datatype, data.subarray(0, size)) ?? []
  return { count, first, ...(datatype === 'BOOL' ? { notFinite: 0 } : spreadOf(elementReader(datatype, data), count)) }
}

function spreadOf(at: (index: number) => number | bigint, count: number): Pick<TensorDigest, 'numbers' | 'notFinite'> {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let mean = 0
  let finite = 0
  for (let index = 0; index < count; index++) {
    const value = Number(at(index))
    if (!Number.isFinite(value)) continue
    finite += 1
    min = Math.min(min, value)
    max = Math.max(max, value)
    // The sum of many large numbers may be infinite where their mean is not.
    mean += value / finite - mean / finite
  }
  return { notFinite: count - finite, ...(finite > 0 && { numbers: { min, max, mean } }) }
}
