/**
 * Ask: one inference with binary tensors, the extension of the Open Inference Protocol for what is too much for JSON: a header in JSON, then the
 * raw little-endian bytes of the tensors. An output of this model has a quarter of a million numbers.
 */
import { InferError } from '@skerry/contract/models/open-inference'
import { Datatype } from '@skerry/contract/models/tensor'
import * as z from 'zod'

/** [Triton, extension_binary_data] Where the JSON ends and the bytes begin. */
const HEADER = 'Inference-Header-Content-Length'

const Reply = z.object({
  outputs: z.tuple([z.object({ datatype: z.literal(Datatype.enum.FP32), shape: z.array(z.int()) })]),
})

export type Floats = { shape: number[]; values: Float32Array }

/** Sends one tensor of floats, and gives the model's only output. */
export async function ask(
  modelUrl: string,
  name: string,
  { shape, values }: Floats,
  signal: AbortSignal,
): Promise<Floats> {
  const parameters = { binary_data_size: values.byteLength }
  const head = JSON.stringify({
    inputs: [{ name, datatype: 'FP32', shape, parameters }],
    parameters: { binary_data_output: true },
  })
  const response = await fetch(`${modelUrl}/infer`, {
    method: 'POST',
    headers: { [HEADER]: String(Buffer.byteLength(head)), 'content-type': 'application/octet-stream' },
    body: Buffer.concat([Buffer.from(head), Buffer.from(values.buffer)]),
    signal,
  })
  const body = Buffer.from(await response.arrayBuffer())
  if (!response.ok) throw new Error(InferError.parse(JSON.parse(body.toString())).error)
  const headLength = Number(response.headers.get(HEADER))
  const [output] = Reply.parse(JSON.parse(body.subarray(0, headLength).toString())).outputs
  // A copy, because a Float32Array must begin at a multiple of four.
  return { shape: output.shape, values: new Float32Array(Uint8Array.from(body.subarray(headLength)).buffer) }
}
