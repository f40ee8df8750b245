/** [Open Inference Protocol V2, gRPC] Inference requests and answers as protobuf messages. */
import { create } from '@bufbuild/protobuf'
import {
  type InferParameter,
  type ModelInferRequest_InferInputTensor as InputTensor,
  type ModelInferRequest,
  type ModelInferResponse,
  ModelInferResponseSchema,
} from '../generated/open_inference_grpc_pb.ts'
import { fail } from '../host/failure.ts'
import type { InferRequest, InferResult } from '../host/infer-request.ts'
import { copyBytes, isDatatype, type RawTensor } from '../host/raw-tensor.ts'
import {
  isShape,
  type Read,
  readSubject,
  readTimeout,
  SHAPE_RANK_MAX,
  unsupportedParameter,
} from '../rest/oip-parameter.ts'
import { fromContents, isTypeable, toContents } from './grpc-tensor.ts'

const invalid = (message: string) => fail('input_invalid', message)

/** Reads a request that came as a protobuf message. */
export function readGrpcRequest(message: ModelInferRequest): Read<InferRequest> {
  const timeoutUs = readTimeout(plainParameters(message.parameters))
  if (!timeoutUs.ok) return timeoutUs
  const { inputs, outputs, rawInputContents: raw } = message
  if (raw.length > 0 && raw.length !== inputs.length) {
    return invalid(`raw_input_contents must have one entry for each of ${inputs.length} inputs, got ${raw.length}`)
  }
  const tensors: RawTensor[] = []
  for (const [at, input] of inputs.entries()) {
    const tensor = readInput(input, raw[at])
    if (!tensor.ok) return tensor
    tensors.push(tensor.value)
  }
  for (const { name, parameters } of outputs) {
    const unsupported = unsupportedParameter(`output '${name}'`, plainParameters(parameters))
    if (unsupported !== undefined) return unsupported
  }
  const { id } = message
  const about = { ...(id !== '' && { id }), ...readSubject(plainParameters(message.parameters)) }
  const names = outputs.map(({ name }) => name)
  return { ok: true, value: { inputs: tensors, outputs: names, timeoutUs: timeoutUs.value, ...about } }
}

function readInput(input: InputTensor, raw: Uint8Array | undefined): Read<RawTensor> {
  const { name, datatype, contents } = input
  const named = `input '${name}'`
  const shape = input.shape.map(Number)
  if (!isShape(shape)) return invalid(`${named} must have a shape of at most ${SHAPE_RANK_MAX} sizes, none negative`)
  if (!isDatatype(datatype)) return invalid(`${named} must have a datatype of the protocol, such as FP32`)
  const unsupported = unsupportedParameter(named, plainParameters(input.parameters))
  if (unsupported !== undefined) return unsupported
  if (raw !== undefined) {
    if (contents !== undefined) return invalid(`${named} has both contents and raw_input_contents: send one`)
    // The message's buffer may be shared with other streams of the connection, so nothing of it may be moved to a
    // worker.
    return { ok: true, value: { name, datatype, shape, data: copyBytes(raw) } }
  }
  const encoded = fromContents(datatype, contents)
  return encoded.ok
    ? { ok: true, value: { name, datatype, shape, data: encoded.data } }
    : invalid(`${named} ${encoded.problem}`)
}

/** Parameters as REST has them; a 64-bit number that matters here is far below 2^53. */
export const plainParameters = (parameters: Record<string, InferParameter>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(parameters).map(
      ([
        name,
        {
          parameterChoice: { value },
        },
      ]) => [name, typeof value === 'bigint' ? Number(value) : value],
    ),
  )

type Answer = Extract<InferResult, { ok: true }>

/** The answer in the form of the request: raw bytes, or typed contents if they can carry every output. */
export function writeGrpcResponse({ name, version, outputs }: Answer, request: ModelInferRequest): ModelInferResponse {
  const isTyped = request.rawInputContents.length === 0 && isTypeable(outputs)
  return create(ModelInferResponseSchema, {
    modelName: name,
    modelVersion: version,
    id: request.id,
    outputs: outputs.map((output) => ({
      name: output.name,
      datatype: output.datatype,
      shape: output.shape.map(BigInt),
      ...(isTyped ? { contents: toContents(output) } : undefined),
    })),
    rawOutputContents: isTyped ? [] : outputs.map(({ data }) => data),
  })
}
