/** Model tensor: what a flow asks a model, in the model's own types and shapes, and what it answers, as numbers. */
import { ELEMENT_BYTES, type TensorSpec } from '@skerry/contract/models/tensor'
import { bytesOfNumbers, elementReader } from '../../tensors/tensor-elements.ts'

/** As a flow has it: the first size is the rows of the batch. */
export type FlowTensor = { name: string | undefined; shape: readonly number[]; data: ArrayLike<number> }

export type ModelTensor = {
  name: string
  datatype: TensorSpec['datatype']
  shape: number[]
  data: Uint8Array<ArrayBuffer>
}

export type Fitted = { ok: true; inputs: ModelTensor[] } | { ok: false; code: 'input_invalid'; message: string }

/** Inputs without a name are those of the model, in its order. */
export function fitTensors(specs: readonly TensorSpec[], given: readonly FlowTensor[]): Fitted {
  if (given.length !== specs.length)
    return refuse(`the model has ${specs.length} inputs, but the step provides ${given.length}`)
  const inputs: ModelTensor[] = []
  for (const [at, tensor] of given.entries()) {
    const spec = tensor.name === undefined ? specs[at] : specs.find(({ name }) => name === tensor.name)
    if (!spec)
      return refuse(`the model has no input ${tensor.name}: it has ${specs.map(({ name }) => name).join(', ')}`)
    const shape = fitShape(spec.shape, tensor.shape)
    if (!shape)
      return refuse(
        `${spec.name} has shape [${spec.shape.join()}] (-1 is any size), but the step provides [${tensor.shape.join()}]`,
      )
    const data = bytesOfNumbers(spec.datatype, tensor.data)
    if (!data) return refuse(`${spec.name} takes ${spec.datatype}, but a flow provides numbers`)
    inputs.push({ name: spec.name, datatype: spec.datatype, shape, data })
  }
  return { ok: true, inputs }
}

const refuse = (message: string): Fitted => ({ ok: false, code: 'input_invalid', message })

const sizeOf = (shape: readonly number[]) => shape.reduce((size, dimension) => size * dimension, 1)

/** The given numbers in the model's shape; sizes of 1 may be more or fewer. Undefined where they are not as many. */
function fitShape(spec: readonly number[], given: readonly number[]): number[] | undefined {
  // A picture whose channels stand elsewhere has as many numbers, and is none to the model.
  if (given.length > PLAIN_RANK && !isSameBesideOnes(spec, given)) return undefined
  const rows = given[0] ?? 1
  const shape = spec.map((size, at) => (at === 0 && size === -1 ? rows : size))
  const open = shape.flatMap((size, at) => (size === -1 ? [at] : []))
  const total = sizeOf(given)
  if (open.length > 1) return shape.length === given.length ? [...given] : undefined
  const [only] = open
  if (only !== undefined) shape[only] = total / sizeOf(shape.filter((size) => size !== -1))
  return shape.every(Number.isInteger) && sizeOf(shape) === total ? shape : undefined
}

/** Rows of a batch, of a window, of a row: what has more sizes is a picture. */
const PLAIN_RANK = 3

function isSameBesideOnes(spec: readonly number[], given: readonly number[]): boolean {
  if (spec.length === given.length) return spec.every((size, at) => size === -1 || size === given[at])
  const [wanted, there] = [spec, given].map((shape) => shape.filter((size) => size !== 1 && size !== -1))
  return JSON.stringify(wanted) === JSON.stringify(there)
}

type Elements = Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer>

/** A copy, in single precision where the model computes in it; undefined for what holds no numbers. */
export function numbersOf({
  datatype,
  data,
}: Pick<ModelTensor, 'datatype'> & { data: Uint8Array }): Elements | undefined {
  if (datatype === 'BYTES') return undefined
  // At any byte of its buffer.
  if (datatype === 'FP32') return new Float32Array(new Uint8Array(data).buffer)
  const read = elementReader(datatype, data)
  return Float64Array.from({ length: data.byteLength / ELEMENT_BYTES[datatype] }, (_, at) => Number(read(at)))
}

type Given = Pick<ModelTensor, 'name' | 'datatype'> & { shape: number[]; data: Uint8Array }
export type NumberTensors =
  | { ok: true; tensors: { shape: number[]; data: Elements }[] }
  | { ok: false; code: 'answer_type'; message: string }

/** The named outputs of a model as numbers, in that order. */
export function numberTensors(names: readonly string[], outputs: readonly Given[]): NumberTensors {
  const tensors: { shape: number[]; data: Elements }[] = []
  for (const name of names) {
    const output = outputs.find((one) => one.name === name)
    const data = output && numbersOf(output)
    if (!data) return { ok: false, code: 'answer_type', message: `its output ${name} holds no numbers` }
    tensors.push({ shape: output.shape, data })
  }
  return { ok: true, tensors }
}
