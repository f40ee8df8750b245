/**
 * Remote tensors: requests for the server of a remote model, and its answers, in the JSON of the Open Inference Protocol
 * or with the bytes of tensors behind the JSON. Nothing in an answer is trusted: it must have the tensors of the version.
 */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { bytesProblem, copyBytes, isDatatype, type RawTensor } from '../host/raw-tensor.ts'
import { decodeJson, encodeJson, hasInexact, parseExactly } from '../rest/json-tensor.ts'
import type { RemoteReply, RemoteRequest } from './remote-call.ts'

type Wanted = { inputs: readonly RawTensor[]; outputs: readonly string[]; isBinary: boolean }

/** The body of a request. Throws if JSON cannot carry a tensor. */
export function requestBody({ inputs, outputs, isBinary }: Wanted): NonNullable<RemoteRequest['body']> {
  const tensors = inputs.map((input) => (isBinary ? binaryHead(input) : jsonTensor(input)))
  const names = outputs.map((name) => JSON.stringify(isBinary ? { name, parameters: { binary_data: true } } : { name }))
  const json = Buffer.from(`{"inputs":[${tensors.join(',')}],"outputs":[${names.join(',')}]}`)
  if (!isBinary) return { pieces: [json] }
  return { pieces: [json, ...inputs.map(({ data }) => data)], jsonBytes: json.byteLength }
}

const headOf = ({ name, shape, datatype }: RawTensor) =>
  `"name":${JSON.stringify(name)},"shape":[${shape.join(',')}],"datatype":"${datatype}"`

const binaryHead = (tensor: RawTensor) =>
  `{${headOf(tensor)},"parameters":{"binary_data_size":${tensor.data.byteLength}}}`

function jsonTensor(tensor: RawTensor): string {
  const decoded = tensor.datatype === 'FP16' || tensor.datatype === 'BF16' ? undefined : decodeJson(tensor)
  if (decoded?.ok) return `{${headOf(tensor)},"data":${decoded.json}}`
  throw new Error(
    `input '${tensor.name}' has values that JSON cannot carry: let the app declare binary: true, if its server accepts binary tensors`,
  )
}

/** The outputs in the wanted order. Throws with words for a person if the answer does not have them. */
export function readReply(
  { bytes, jsonBytes }: Pick<RemoteReply, 'bytes' | 'jsonBytes'>,
  wanted: readonly TensorSpec[],
): RawTensor[] {
  const json = parseReply(bytes.toString('utf8', 0, jsonBytes ?? bytes.byteLength))
  const given = json.outputs
  if (!Array.isArray(given)) throw new Error("the answer of the server has no list of 'outputs'")
  let at = jsonBytes ?? bytes.byteLength
  const tensors = new Map<string, RawTensor>()
  for (const output of given) {
    const { tensor, byteCount } = readOutput(output, bytes.subarray(at))
    tensors.set(tensor.name, tensor)
    at += byteCount
  }
  return wanted.map((spec) => outputLike(spec, tensors.get(spec.name)))
}

type Fields = Record<string, unknown>

function parseReply(text: string): Fields {
  const parsed = parsedAs(text, JSON.parse)
  return hasInexact(parsed.outputs) ? parsedAs(text, parseExactly) : parsed
}

function parsedAs(text: string, parse: (text: string) => unknown): Fields {
  try {
    const value = parse(text)
    if (typeof value === 'object' && value !== null) return value as Fields
  } catch (cause) {
    throw new Error('the answer of the server is no JSON', { cause })
  }
  throw new Error('the answer of the server is no object')
}

function readOutput(output: unknown, rest: Uint8Array): { tensor: RawTensor; byteCount: number } {
  const { name, shape, datatype, data, parameters } = (output ?? {}) as Fields
  if (typeof name !== 'string' || !isShape(shape)) throw new Error('an output of the server has no name or no shape')
  const size = (parameters as Fields | undefined)?.binary_data_size
  if (typeof datatype !== 'string' || !isDatatype(datatype))
    throw new Error(`output '${name}' of the server has no datatype of the protocol`)
  const tensor = { name, shape, datatype }
  if (size === undefined) {
    const encoded = encodeJson(datatype, shape, data)
    if (!encoded.ok) throw new Error(`output '${name}' of the server ${encoded.problem}`)
    return { tensor: { ...tensor, data: encoded.data }, byteCount: 0 }
  }
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > rest.byteLength)
    throw new Error(`output '${name}' of the server has fewer bytes than it states`)
  return { tensor: { ...tensor, data: copyBytes(rest.subarray(0, size)) }, byteCount: size }
}

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0)

function outputLike({ name, datatype, shape }: TensorSpec, tensor: RawTensor | undefined): RawTensor {
  if (!tensor) throw new Error(`the answer of the server lacks output '${name}'`)
  const isAlike =
    tensor.datatype === datatype &&
    tensor.shape.length === shape.length &&
    shape.every((size, index) => size === -1 || size === tensor.shape[index])
  if (!isAlike) {
    const [is, wanted] = [formOf(tensor), formOf({ datatype, shape })]
    throw new Error(`output '${name}' of the server is ${is}, and the version declares ${wanted}`)
  }
  const problem = bytesProblem(tensor)
  if (problem !== undefined) throw new Error(`output '${name}' of the server ${problem}`)
  return tensor
}

const formOf = ({ datatype, shape }: Pick<TensorSpec, 'datatype' | 'shape'>) => `${datatype}[${shape.join(', ')}]`
