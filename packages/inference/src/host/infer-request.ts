/** A request for inference, and the checks before it may cost the model anything. Pure. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { Signature } from '../seat/session.ts'
import { type Failure, fail } from './failure.ts'
import { bytesProblem, type RawTensor } from './raw-tensor.ts'

export type InferRequest = {
  inputs: RawTensor[]
  /** Names of the wanted outputs, in the wanted order; absent or empty for all. */
  outputs?: readonly string[]
  /** Microseconds from arrival to answer, as Triton's `timeout`; absent or 0 for the model's own deadline. */
  timeoutUs?: number
  /** The reason why the caller cannot get these outputs, if there is one: the request then counts as failed. */
  undeliverable?: Undeliverable
  /** The id that the application gave. It serves captures only, which labels are joined with. */
  id?: string
  /** The person or thing that the request is about, as the application names it: for erasure. */
  subject?: string
  /** The flow of this device that makes the request: an alarm of it keeps its rows. */
  flow?: string
}

export type Undeliverable = (outputs: readonly RawTensor[]) => Failure | undefined

export type InferResult = { ok: true; name: string; version: string; outputs: RawTensor[] } | Failure

/** A request that fits its model. Requests with the same batch key may run as one; those without run alone. */
export type FittedRequest = {
  ok: true
  inputs: RawTensor[]
  outputs: readonly string[]
  rows: number
  batchKey: string | undefined
  undeliverable?: Undeliverable | undefined
}

/** Fits a request to a model's signature, or gives the part that does not fit. */
export function fitRequest(signature: Signature, request: InferRequest): FittedRequest | Failure {
  const problem = inputsProblem(signature.inputs, request.inputs) ?? outputsProblem(signature.outputs, request.outputs)
  if (problem !== undefined) return fail('input_invalid', problem)
  const wanted = request.outputs ?? []
  const outputs = wanted.length > 0 ? wanted : signature.outputs.map(({ name }) => name)
  return { ok: true, inputs: request.inputs, outputs, ...batching(signature, request.inputs, outputs) }
}

function inputsProblem(specs: readonly TensorSpec[], inputs: readonly RawTensor[]): string | undefined {
  const given = new Map(inputs.map((input) => [input.name, input]))
  if (given.size < inputs.length) return 'an input is given twice: name each input once'
  for (const { name } of inputs) {
    if (!specs.some((spec) => spec.name === name)) return `input '${name}' is unknown: the model has ${list(specs)}`
  }
  for (const spec of specs) {
    const input = given.get(spec.name)
    if (input === undefined) return `input '${spec.name}' is missing: the model needs ${list(specs)}`
    const problem = inputProblem(spec, input)
    if (problem !== undefined) return `input '${spec.name}' ${problem}`
  }
  return undefined
}

function inputProblem(spec: TensorSpec, input: RawTensor): string | undefined {
  if (input.datatype !== spec.datatype) return `must be ${spec.datatype}, got ${input.datatype}`
  const { shape } = input
  const isFitting =
    shape.length === spec.shape.length && spec.shape.every((size, at) => size === -1 || size === shape[at])
  if (!isFitting) return `must have shape [${spec.shape.join()}] (-1 is any size), got [${shape.join()}]`
  return bytesProblem(input)
}

function outputsProblem(specs: readonly TensorSpec[], wanted: readonly string[] = []): string | undefined {
  for (const name of wanted) {
    if (!specs.some((spec) => spec.name === name)) return `output '${name}' is unknown: the model has ${list(specs)}`
  }
  return new Set(wanted).size < wanted.length ? 'an output is requested twice: name each output once' : undefined
}

const list = (specs: readonly TensorSpec[]) => specs.map(({ name }) => `'${name}'`).join(', ') || 'none'

/** Rows are the first dimension, if every input has one of the same size and every output has one that varies too. */
function batching({ inputs: ins, outputs: outs }: Signature, inputs: readonly RawTensor[], wanted: readonly string[]) {
  const rows = inputs[0]?.shape[0]
  const isBatchable =
    isBatchableSignature({ inputs: ins, outputs: outs }) && inputs.every(({ shape }) => shape[0] === rows)
  if (!isBatchable || rows === undefined || rows === 0) return { rows: 1, batchKey: undefined }
  const tails = inputs
    .map(({ name, shape }) => [name, ...shape.slice(1)])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return { rows, batchKey: JSON.stringify([tails, wanted]) }
}

/** Whether every input and output has a variable first dimension, as a batch needs. */
export const isBatchableSignature = ({ inputs, outputs }: Signature): boolean =>
  inputs.length > 0 && [...inputs, ...outputs].every(({ shape }) => shape[0] === -1)
