/** What a server of the Open Inference Protocol V2 answers over REST. Unknown fields are let through: servers of other makers add theirs. */
import * as z from 'zod'
import { Datatype } from './tensor.ts'

/** [Open Inference Protocol V2, tensor data] Flat and row-major; whole numbers past 2^53 are BigInt after parsing. */
export const InferTensor = z.object({
  name: z.string(),
  datatype: Datatype,
  shape: z.array(z.int().min(0)),
  data: z.array(z.unknown()),
})
export type InferTensor = z.infer<typeof InferTensor>

/** A dimension of -1 may vary from call to call. */
const TensorMetadata = z.object({ name: z.string(), datatype: Datatype, shape: z.array(z.int().min(-1)) })
export type TensorMetadata = z.infer<typeof TensorMetadata>

export const ModelMetadata = z.object({
  name: z.string(),
  versions: z.array(z.string()).optional(),
  platform: z.string(),
  inputs: z.array(TensorMetadata),
  outputs: z.array(TensorMetadata),
})
export type ModelMetadata = z.infer<typeof ModelMetadata>

export const InferReply = z.object({
  model_name: z.string(),
  model_version: z.string().optional(),
  id: z.string().optional(),
  outputs: z.array(InferTensor),
})
export type InferReply = z.infer<typeof InferReply>

export const InferError = z.object({ error: z.string() })
