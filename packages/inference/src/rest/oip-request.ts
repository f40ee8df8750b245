/**
 * [Open Inference Protocol V2, inference request] A request as it came over REST, read without trusting a byte of it.
 */
import { type Failure, fail } from '../host/failure.ts'
import type { InferRequest } from '../host/infer-request.ts'
import { isDatatype, type RawTensor } from '../host/raw-tensor.ts'
import { encodeJson, hasInexact, parseExactly } from './json-tensor.ts'
import {
  isShape,
  isSize,
  type Read,
  readSubject,
  readTimeout,
  SHAPE_RANK_MAX,
  unsupportedParameter,
} from './oip-parameter.ts'

/** A request, and how its answer is wanted. */
export type OipRequest = {
  ok: true
  id: string | undefined
  request: InferRequest
  isBinary: (output: string) => boolean
}

/** [Binary tensor data extension] The header with the end of the JSON, which is the start of the bytes. */
const LENGTH_HEADER = 'Inference-Header-Content-Length'

/** A body with binary data is no JSON if no header gives their start. */
const LENGTH_HINT = `; when binary data follow the JSON, send the length of the JSON in bytes as ${LENGTH_HEADER}`

type Fields = Record<string, unknown>
const none: Fields = {}
const invalid = (message: string) => fail('input_invalid', message)
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** An absent object counts as empty. */
const fieldsOf = (value: unknown): Fields | undefined =>
  value === undefined ? none : isFields(value) ? value : undefined

/** Reads a request: JSON, and after it the bytes of its binary tensors; undefined if no header gives their start. */
export function readOipRequest(json: Uint8Array, binary: Uint8Array<ArrayBuffer> | undefined): OipRequest | Failure {
  const body = readBody(json, binary === undefined ? LENGTH_HINT : '')
  if (!body.ok) return body
  const { id, inputs, outputs, parameters } = body.value
  if (id !== undefined && typeof id !== 'string') return invalid("'id' must be a string")
  const given = fieldsOf(parameters)
  if (given === undefined) return invalid("'parameters' must be an object")
  const timeoutUs = readTimeout(given)
  if (!timeoutUs.ok) return timeoutUs
  const { binary_data_output: isBinaryByDefault = false } = given
  if (typeof isBinaryByDefault !== 'boolean') return invalid("parameter 'binary_data_output' must be true or false")
  const tensors = readInputs(inputs, binary)
  if (!tensors.ok) return tensors
  const wanted = readOutputs(outputs, isBinaryByDefault)
  if (!wanted.ok) return wanted
  const { names, isBinary } = wanted.value
  const about = { ...(id !== undefined && { id }), ...readSubject(given) }
  const request = { inputs: tensors.value, outputs: names, timeoutUs: timeoutUs.value, ...about }
  return { ok: true, id, request, isBinary }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function readBody(json: Uint8Array, hint: string): Read<Fields> {
  try {
    const text = decoder.decode(json)
    const body: unknown = JSON.parse(text)
    if (!isFields(body)) return invalid('the body must be a JSON object')
    const exact = hasInexact(body.inputs) ? parseExactly(text) : body
    return isFields(exact) ? { ok: true, value: exact } : invalid('the body must be a JSON object')
  } catch (cause) {
    if (cause instanceof SyntaxError) return invalid(`the body is not JSON: ${cause.message}${hint}`)
    if (cause instanceof TypeError) return invalid(`the body is not UTF-8${hint}`)
    throw cause
  }
}

type Binary = Uint8Array<ArrayBuffer> | undefined

const NO_BYTES = new Uint8Array()

function readInputs(inputs: unknown, binary: Binary): Read<RawTensor[]> {
  if (!Array.isArray(inputs)) return invalid("'inputs' must be an array of tensors")
  const tensors: RawTensor[] = []
  let at = 0
  for (const [index, input] of inputs.entries()) {
    const tensor = readInput(input, index, binary?.subarray(at))
    if (!tensor.ok) return tensor
    tensors.push(tensor.value.tensor)
    at += tensor.value.byteCount
  }
  const left = (binary?.byteLength ?? 0) - at
  return left === 0 ? { ok: true, value: tensors } : invalid(`${left} bytes of binary data belong to no input`)
}

function readInput(input: unknown, index: number, binary: Binary): Read<{ tensor: RawTensor; byteCount: number }> {
  if (!isFields(input)) return invalid(`input ${index} must be an object`)
  const { name, shape, datatype, data } = input
  if (typeof name !== 'string' || name === '') return invalid(`input ${index} must have a 'name'`)
  const named = `input '${name}'`
  if (!isShape(shape)) return invalid(`${named} must have a 'shape' of at most ${SHAPE_RANK_MAX} sizes, none negative`)
  if (typeof datatype !== 'string' || !isDatatype(datatype))
    return invalid(`${named} must have a 'datatype' of the protocol, such as FP32`)
  const parameters = fieldsOf(input.parameters)
  if (parameters === undefined) return invalid(`${named} must have an object as its 'parameters'`)
  const unsupported = unsupportedParameter(named, parameters)
  if (unsupported !== undefined) return unsupported
  const size = parameters.binary_data_size
  if (size === undefined) {
    const encoded = encodeJson(datatype, shape, data)
    if (!encoded.ok) return invalid(`${named} ${encoded.problem}`)
    return { ok: true, value: { tensor: { name, datatype, shape, data: encoded.data }, byteCount: 0 } }
  }
  if (data !== undefined) return invalid(`${named} has both 'data' and 'binary_data_size': send one`)
  const taken = takeBytes(named, size, binary)
  if (!taken.ok) return taken
  return {
    ok: true,
    value: { tensor: { name, datatype, shape, data: taken.value }, byteCount: taken.value.byteLength },
  }
}

function takeBytes(named: string, size: unknown, binary: Binary): Read<Uint8Array<ArrayBuffer>> {
  const { byteLength } = binary ?? NO_BYTES
  if (isSize(size) && size <= byteLength) return { ok: true, value: (binary ?? NO_BYTES).subarray(0, size) }
  const hint = binary === undefined ? LENGTH_HINT : ''
  return invalid(
    `${named} has a 'binary_data_size' of ${JSON.stringify(size)}, but ${byteLength} bytes are left in the body${hint}`,
  )
}

type Wanted = { names: string[]; isBinary: (output: string) => boolean }

function readOutputs(outputs: unknown, isBinaryByDefault: boolean): Read<Wanted> {
  if (outputs === undefined) return { ok: true, value: { names: [], isBinary: () => isBinaryByDefault } }
  if (!Array.isArray(outputs)) return invalid("'outputs' must be an array")
  const wanted = new Map<string, boolean>()
  for (const [index, output] of outputs.entries()) {
    const read = readOutput(output, index, isBinaryByDefault)
    if (!read.ok) return read
    if (wanted.has(read.value.name))
      return invalid(`output '${read.value.name}' is requested twice: name each output once`)
    wanted.set(read.value.name, read.value.isBinary)
  }
  return { ok: true, value: { names: [...wanted.keys()], isBinary: (name) => wanted.get(name) ?? isBinaryByDefault } }
}

function readOutput(
  output: unknown,
  index: number,
  isBinaryByDefault: boolean,
): Read<{ name: string; isBinary: boolean }> {
  if (!isFields(output)) return invalid(`output ${index} must be an object`)
  const { name } = output
  if (typeof name !== 'string' || name === '') return invalid(`output ${index} must have a 'name'`)
  const parameters = fieldsOf(output.parameters)
  if (parameters === undefined) return invalid(`output '${name}' must have an object as its 'parameters'`)
  const unsupported = unsupportedParameter(`output '${name}'`, parameters)
  if (unsupported !== undefined) return unsupported
  const isBinary = parameters.binary_data ?? isBinaryByDefault
  if (typeof isBinary !== 'boolean') return invalid(`output '${name}': parameter 'binary_data' must be true or false`)
  return { ok: true, value: { name, isBinary } }
}
