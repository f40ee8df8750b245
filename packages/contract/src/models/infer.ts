/** Asking a model on a device, through the hub. */
import * as z from 'zod'
import { COMMAND_TIMEOUT_MAX_MS, COMMAND_TIMEOUT_MS } from '../devices/device-command.ts'
import { Name } from '../values/names.ts'
import { Datatype, RANK_MAX } from './tensor.ts'

/** The widest models in the field have some dozens of inputs; as for a golden case. */
export const INFER_TENSORS_MAX = 128

const TensorName = z.string().min(1).max(512)

/**
 * [Open Inference Protocol V2, tensor data] A tensor by name. `data` is an array, flat or nested as the shape, or base64 of the raw
 * little-endian elements, row-major, as in `Tensor`: exact for every type, and the one to send much in.
 */
export const NamedTensor = z.strictObject({
  name: TensorName,
  datatype: Datatype,
  shape: z.array(z.int().min(0)).max(RANK_MAX),
  data: z.union([z.array(z.unknown()), z.base64()]),
})
export type NamedTensor = z.infer<typeof NamedTensor>

export const InferQuestion = z.strictObject({
  /** What serves now, where absent. */
  version: z.int().min(1).optional(),
  inputs: z.array(NamedTensor).min(1).max(INFER_TENSORS_MAX),
  /** Names of the outputs that are wanted; all, where absent. */
  outputs: z.array(TensorName).min(1).max(INFER_TENSORS_MAX).optional(),
  /**
   * `values`: arrays, flat. What JSON cannot carry exactly (FP16, BF16, NaN, infinities, -0, integers past 2^53), and an output of over
   * 1 MiB, comes as base64 all the same. `raw`: base64 for all.
   */
  outputsAs: z.enum(['values', 'raw']).default('values'),
  timeoutMs: z.int().min(1_000).max(COMMAND_TIMEOUT_MAX_MS).default(COMMAND_TIMEOUT_MS),
})
export type InferQuestion = z.infer<typeof InferQuestion>

export const InferAnswer = z.strictObject({
  /** Name of the device that answered. */
  device: Name,
  model: Name,
  /** The version that answered. */
  version: z.int().min(1),
  outputs: z.array(NamedTensor).max(INFER_TENSORS_MAX),
  /** Measured on the device: from the inputs being there to the answer being there. */
  runnerUs: z.int().min(0),
  /** Measured by the hub: from the request to the answer, with both ways over the network. */
  totalUs: z.int().min(0),
})
export type InferAnswer = z.infer<typeof InferAnswer>
