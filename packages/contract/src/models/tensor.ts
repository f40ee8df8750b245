/** Tensors as people and programs describe them: the Open Inference Protocol's data types, shapes, and raw little-endian bytes. */
import * as z from 'zod'

/** [Open Inference Protocol V2, tensor data types] BF16 exists in raw bytes only. */
export const Datatype = z.enum([
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
])
export type Datatype = z.infer<typeof Datatype>

/** Bytes of one element; BYTES has no fixed size. */
export const ELEMENT_BYTES: Readonly<Record<Datatype, number>> = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  FP16: 2,
  BF16: 2,
  UINT32: 4,
  INT32: 4,
  FP32: 4,
  UINT64: 8,
  INT64: 8,
  FP64: 8,
  BYTES: 0,
}

/** Eight dimensions hold a batch of video clips with channels; ONNX operators seldom go past five. */
export const RANK_MAX = 8

/** A dimension of a model's input or output; -1 is one that may vary from call to call. */
export const Dimension = z.int().min(-1)

export const TensorSpec = z.strictObject({
  name: z.string().min(1).max(512),
  datatype: Datatype,
  shape: z.array(Dimension).max(RANK_MAX),
})
export type TensorSpec = z.infer<typeof TensorSpec>

/** One concrete tensor: `data` is base64 of the raw little-endian elements, row-major (BYTES: u32 length + bytes each). */
export const Tensor = z.strictObject({
  datatype: Datatype,
  shape: z.array(z.int().min(0)).max(RANK_MAX),
  data: z.base64(),
})
export type Tensor = z.infer<typeof Tensor>
