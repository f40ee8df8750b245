/**
 * Inline weights: moves weights from files beside the model into the model, wherever onnxruntime reads such weights
 * only from the disk. From memory it takes the initialisers of the main graph, but neither those of subgraphs nor
 * tensors of attributes.
 */

import { storedTensors } from './body.ts'
import { externalRange } from './external-data.ts'
import { type TensorProto, TensorProto_DataLocation } from './generated/onnx_pb.ts'
import { type Model, readModel } from './read.ts'
import { accept, quote, type Result, rejectModel } from './refusal.ts'
import { isExternal } from './tensor.ts'
import { writeModel } from './write.ts'

/** protobuf counts the bytes of a message in 31 bits, and onnxruntime loads no model that is larger. */
const MODEL_BYTES_MAX = 2 ** 31 - 1

/** The model with those weights in it, or undefined if it has none. `files` are the files beside it, by path. */
export function inlineWeights(bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Result<Inlined> {
  const model = readModel(bytes)
  if (!model.ok) return model
  const initialisers = new Set(model.value.graph.initializer)
  const tooLarge = 'the weights of its subgraphs have over 2 GB, which an encrypted device cannot load'
  return inline(model.value, bytes.length, { files, tooLarge, isKept: (tensor) => initialisers.has(tensor) })
}

/** The model with all weights of other files in it, or undefined if it has none. */
export function inlineAllWeights(bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Result<Inlined> {
  const model = readModel(bytes)
  if (!model.ok) return model
  const tooLarge = `the model has over 2 GB with ${[...files.keys()].map(quote).join(', ')}; only smaller ones can be optimised`
  return inline(model.value, bytes.length, { files, tooLarge, isKept: () => false })
}

type Inlined = Uint8Array<ArrayBuffer> | undefined

type Inlining = {
  files: ReadonlyMap<string, Uint8Array>
  tooLarge: string
  /** Whether a tensor stays in its own file. */
  isKept(tensor: TensorProto): boolean
}

function inline(model: Model, fileBytes: number, { files, tooLarge, isKept }: Inlining): Result<Inlined> {
  let sizeBytes = fileBytes
  for (const stored of storedTensors(model)) {
    const { tensor, label } = stored
    if (!isExternal(tensor) || isKept(tensor)) continue
    const range = externalRange(stored)
    if (!range.ok) return range
    const { path, offset, length } = range.value
    const data = files.get(path)?.subarray(offset, offset + length)
    if (data?.length !== length)
      return rejectModel('model_incomplete', `${label} is in ${quote(path)}, which is not whole`)
    sizeBytes += length
    if (sizeBytes > MODEL_BYTES_MAX) return rejectModel('model_too_complex', tooLarge)
    tensor.rawData = data
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT
    tensor.externalData = []
  }
  return accept(sizeBytes === fileBytes ? undefined : writeModel(model))
}
