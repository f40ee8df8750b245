/**
 * gRPC over REST: a request that came as a protobuf message, as the REST body of the same protocol with binary tensors,
 * and its answer on the way back. So a gateway passes gRPC to servers that it reaches by REST only.
 */
import type { ModelInferRequest, ModelInferResponse } from '../generated/open_inference_grpc_pb.ts'
import { fail } from '../host/failure.ts'
import { isDatatype, type RawTensor } from '../host/raw-tensor.ts'
import { isShape, isSize, type Read } from '../rest/oip-parameter.ts'
import { plainParameters, readGrpcRequest, writeGrpcResponse } from './grpc-message.ts'

/** [Binary tensor data extension] */
const LENGTH_HEADER = 'inference-header-content-length'

export type RestBody = { headers: Record<string, string>; body: Buffer }

/** The request as a REST body. All outputs come back as bytes, so that no value is lost. */
export function restBodyOf(message: ModelInferRequest): Read<RestBody> {
  const read = readGrpcRequest(message)
  if (!read.ok) return read
  const { inputs, outputs = [] } = read.value
  const json = Buffer.from(
    JSON.stringify({
      ...(message.id !== '' && { id: message.id }),
      parameters: { ...plainParameters(message.parameters), binary_data_output: true },
      inputs: inputs.map(({ name, shape, datatype, data }) => {
        return { name, shape, datatype, parameters: { binary_data_size: data.byteLength } }
      }),
      ...(outputs.length > 0 && { outputs: outputs.map((name) => ({ name })) }),
    }),
  )
  const headers = { 'content-type': 'application/octet-stream', [LENGTH_HEADER]: String(json.byteLength) }
  return { ok: true, value: { headers, body: Buffer.concat([json, ...inputs.map(({ data }) => data)]) } }
}

type RestAnswer = { headers: Readonly<Record<string, string | string[] | undefined>>; body: Buffer }

/** The REST answer as a message, in the form of the request. */
export function grpcAnswerOf({ headers, body }: RestAnswer, request: ModelInferRequest): Read<ModelInferResponse> {
  const length = headers[LENGTH_HEADER]
  const end = length === undefined ? body.byteLength : Number(length)
  if (!isSize(end) || end > body.byteLength) return unreadable(`its ${LENGTH_HEADER} is ${length}`)
  const answer = parseAnswer(body.subarray(0, end))
  if (!answer) return unreadable('it is no answer of the Open Inference Protocol')
  const outputs: RawTensor[] = []
  let at = end
  for (const { name, datatype, shape, parameters } of answer.outputs) {
    const size = parameters?.binary_data_size
    const isWhole = isSize(size) && at + size <= body.byteLength
    if (!isWhole || !isDatatype(datatype) || !isShape(shape)) return unreadable(`its output ${name} is not whole`)
    outputs.push({ name, datatype, shape, data: new Uint8Array(body.subarray(at, at + size)) })
    at += size
  }
  const { model_name: name, model_version: version = '' } = answer
  return { ok: true, value: writeGrpcResponse({ ok: true, name, version, outputs }, request) }
}

const unreadable = (why: string) => fail('model_failed', `the place gave an answer that cannot be read: ${why}`)

type AnswerJson = {
  model_name: string
  model_version?: string
  outputs: { name: string; datatype: string; shape: unknown; parameters?: { binary_data_size?: unknown } }[]
}

/** The parts that are read here are checked where they are read. */
function parseAnswer(bytes: Buffer): AnswerJson | undefined {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'))
    const isAnswer =
      typeof json === 'object' &&
      json !== null &&
      'model_name' in json &&
      'outputs' in json &&
      Array.isArray(json.outputs)
    return isAnswer ? (json as AnswerJson) : undefined
  } catch {
    return undefined
  }
}
