/** Sum vector: the numbers of a sum of a site. It grows by one update at a time, and has the size of one. */
import type { SumForm } from '@skerry/contract/campaigns/site-sum'
import { addWords } from '../../masking/words.ts'
import { compressedBytes, expandStep } from '../compression.ts'
import { bytesOfWeights, isFiniteWeights, weightsOfBytes } from '../weights.ts'

export type VectorShape = { form: SumForm; elements: number }

/** The bytes of one update. */
export const updateBytes = ({ form, elements }: VectorShape): number =>
  form === 'steps' ? compressedBytes(elements) : elements * 4

/** The memory that the vector takes. */
export const vectorBytes = ({ form, elements }: VectorShape): number => elements * (form === 'words' ? 4 : 8)

export type SumVector = {
  /** Adds one update. The reason if it cannot be added: then the sum stays as it was. */
  add(bytes: Uint8Array, weight: number): string | undefined
  /** The body of the sum: 4 bytes for each number. */
  body(): Uint8Array
}

export const openSumVector = (shape: VectorShape): SumVector =>
  shape.form === 'words' ? wordVector(shape) : meanVector(shape)

const sizeTrouble = (bytes: Uint8Array, shape: VectorShape): string | undefined =>
  bytes.byteLength === updateBytes(shape)
    ? undefined
    : `the update has ${bytes.byteLength} bytes, and ${updateBytes(shape)} are needed`

/** Masked words wrap, so their sum is exact. */
function wordVector(shape: VectorShape): SumVector {
  const sum = new Uint32Array(shape.elements)
  return {
    add(bytes) {
      const trouble = sizeTrouble(bytes, shape)
      if (trouble === undefined) addWords(sum, new Uint32Array(Uint8Array.from(bytes).buffer))
      return trouble
    },
    body: () => new Uint8Array(sum.slice().buffer),
  }
}

/** Sums in double precision, so that the order of the updates changes the mean by less than float32 can hold. */
function meanVector(shape: VectorShape): SumVector {
  const sum = new Float64Array(shape.elements)
  let total = 0
  return {
    add(bytes, weight) {
      const trouble = sizeTrouble(bytes, shape)
      if (trouble !== undefined) return trouble
      const values = numbersIn(bytes, shape)
      if (!values || !isFiniteWeights(values)) return 'the update has values that are NaN or infinite'
      for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + weight * (values[at] ?? 0)
      total += weight
      return undefined
    },
    body: () => bytesOfWeights(Float32Array.from(sum, (value) => value / total)),
  }
}

const numbersIn = (bytes: Uint8Array, { form, elements }: VectorShape): Float32Array | undefined =>
  form === 'steps' ? expandStep(bytes, elements) : weightsOfBytes(bytes, elements)
