/**
 * [Open Inference Protocol V2, binary tensor data extension] Requests and answers as JSON with raw tensors behind it. A
 * device's runner uses the same form, so the agent in between only passes the bytes on.
 */
import type { NamedTensor } from '@skerry/contract/models/infer'
import { Datatype, RANK_MAX } from '@skerry/contract/models/tensor'
import { elementsOfBytes } from '@skerry/core/tensors/tensor-elements'
import { bytesProblem } from '@skerry/inference/host/raw-tensor'
import { encodeJson } from '@skerry/inference/rest/json-tensor'
import * as z from 'zod'
import { parseAnswer } from './answer-json.ts'

export type OipFrame =
  | { ok: true; jsonBytes: number; bytes: number; parts: Uint8Array[] }
  | { ok: false; message: string }

/** A request for these inputs, and for the named outputs or all. */
export function writeRequest(inputs: readonly NamedTensor[], outputs: readonly string[] | undefined): OipFrame {
  const tensors: Uint8Array[] = []
  const heads: object[] = []
  for (const { name, datatype, shape, data } of inputs) {
    const raw = rawOf({ name, datatype, shape, data })
    if (!raw.ok) return { ok: false, message: `input '${name}' ${raw.problem}` }
    tensors.push(raw.data)
    heads.push({ name, datatype, shape, parameters: { binary_data_size: raw.data.byteLength } })
  }
  const wanted = outputs && { outputs: outputs.map((name) => ({ name })) }
  const json = Buffer.from(JSON.stringify({ inputs: heads, ...wanted, parameters: { binary_data_output: true } }))
  const parts = [json, ...tensors]
  return { ok: true, jsonBytes: json.byteLength, bytes: parts.reduce((sum, part) => sum + part.byteLength, 0), parts }
}

type Raw = { ok: true; data: Uint8Array<ArrayBuffer> } | { ok: false; problem: string }

function rawOf({ name, datatype, shape, data }: NamedTensor): Raw {
  if (typeof data !== 'string') return encodeJson(datatype, shape, data)
  const bytes = new Uint8Array(Buffer.from(data, 'base64'))
  const wrong = bytesProblem({ name, datatype, shape, data: bytes })
  return wrong === undefined ? { ok: true, data: bytes } : { ok: false, problem: wrong }
}

const Answer = z.object({
  model_version: z.coerce.number<string>().int().min(1),
  outputs: z.array(
    z.object({
      name: z.string().min(1).max(512),
      datatype: Datatype,
      shape: z.array(z.int().min(0)).max(RANK_MAX),
      parameters: z.object({ binary_data_size: z.int().min(0) }),
    }),
  ),
})

export type Answered = { version: number; outputs: NamedTensor[] }

/** People do not read so many numbers. Larger outputs would block the hub for seconds. */
const VALUES_BYTES_MAX = 1024 * 1024

/** The outputs of an answer; undefined if Skerry's runner cannot have sent it. */
export function readAnswer(body: Uint8Array, jsonBytes: number, as: 'values' | 'raw'): Answered | undefined {
  const head = Answer.safeParse(parseAnswer(body.subarray(0, jsonBytes)))
  if (!head.success) return undefined
  let at = jsonBytes
  const outputs: NamedTensor[] = []
  for (const { name, datatype, shape, parameters } of head.data.outputs) {
    const data = body.subarray(at, at + parameters.binary_data_size)
    at += parameters.binary_data_size
    const isShown = as === 'values' && data.byteLength <= VALUES_BYTES_MAX
    outputs.push({ name, datatype, shape, data: (isShown && valuesOf(datatype, data)) || base64Of(data) })
  }
  return at === body.byteLength ? { version: head.data.model_version, outputs } : undefined
}

/** Undefined if JSON cannot represent a value exactly: not-a-number, infinity, and -0, which would become 0. */
function valuesOf(datatype: Datatype, data: Uint8Array): unknown[] | undefined {
  if (datatype === 'FP16' || datatype === 'BF16') return undefined
  const elements = elementsOfBytes(datatype, data)
  if (datatype !== 'INT64' && datatype !== 'UINT64') {
    return elements?.every(isExact) ? elements : undefined
  }
  const numbers = elements?.map(Number)
  return numbers?.every(Number.isSafeInteger) ? numbers : undefined
}

const isExact = (element: unknown) =>
  typeof element !== 'number' || (Number.isFinite(element) && !Object.is(element, -0))

const base64Of = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
