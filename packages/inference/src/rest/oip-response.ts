/**
 * [Open Inference Protocol V2, inference response] The answer as JSON, with the bytes of its binary tensors behind it.
 */
import type { Failure } from '../host/failure.ts'
import type { InferResult } from '../host/infer-request.ts'
import type { RawTensor } from '../host/raw-tensor.ts'
import { decodeJson, jsonRefusal } from './json-tensor.ts'

type Answer = Extract<InferResult, { ok: true }>

/** `binary` is undefined when every tensor is in the JSON. */
export type OipResponse = { ok: true; json: string; binary: Uint8Array[] | undefined }

/** The reason why the caller cannot get these outputs in the form that it requested; undefined if it can. */
export function undeliverableOutput(
  outputs: readonly RawTensor[],
  isBinary: (output: string) => boolean,
): Failure | undefined {
  for (const output of outputs) {
    const refusal = isBinary(output.name) ? undefined : jsonRefusal(output)
    if (refusal) return refusal
  }
  return undefined
}

/** Writes an answer; fails if JSON cannot carry a value. */
export function writeOipResponse(
  { name, version, outputs }: Answer,
  { id, isBinary }: { id: string | undefined; isBinary: (output: string) => boolean },
): OipResponse | Failure {
  const written: string[] = []
  const binary: Uint8Array[] = []
  for (const output of outputs) {
    const payload = isBinary(output.name) ? undefined : decodeJson(output)
    if (payload?.ok === false) return payload
    if (payload === undefined) binary.push(output.data)
    written.push(tensorJson(output, payload?.json))
  }
  const idJson = id === undefined ? '' : `"id":${JSON.stringify(id)},`
  const json = `{"model_name":${JSON.stringify(name)},"model_version":${JSON.stringify(version)},${idJson}"outputs":[${written.join(',')}]}`
  return { ok: true, json, binary: binary.length > 0 ? binary : undefined }
}

function tensorJson({ name, shape, datatype, data }: RawTensor, elements: string | undefined): string {
  const head = `"name":${JSON.stringify(name)},"shape":[${shape.join(',')}],"datatype":"${datatype}"`
  if (elements !== undefined) return `{${head},"data":${elements}}`
  return `{${head},"parameters":{"binary_data_size":${data.byteLength}}}`
}
