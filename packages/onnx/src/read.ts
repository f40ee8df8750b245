/** Reads an ONNX file: bytes in, the decoded model out, or the reason why it is none. Weights are not copied. */
import { type GraphProto, type ModelProto, ModelProtoSchema } from './generated/onnx_pb.ts'
import { accept, type Result, rejectModel } from './refusal.ts'
import { decode } from './wire.ts'

/** A model with the parts that every ONNX model must have. */
export type Model = ModelProto & { graph: GraphProto }

/** [ONNX IR specification, Models] A model states its format version, the operator sets it uses, and a graph. */
export function readModel(bytes: Uint8Array): Result<Model> {
  const other = otherFormat(bytes)
  if (other !== undefined) return rejectModel('model_not_onnx', `the file is ${other}`)
  const decoded = decode(ModelProtoSchema, bytes)
  if (!decoded.ok) return decoded
  const model = decoded.value
  if (!hasGraph(model))
    return rejectModel('model_not_onnx', 'the file holds no graph; it was cut short or is not an ONNX model')
  if (model.irVersion < 1n)
    return rejectModel('model_not_onnx', 'the file states no ir_version; it is not an ONNX model')
  if (model.opsetImport.length === 0) {
    return rejectModel('model_not_onnx', 'the file states no opset_import; it was cut short or is not an ONNX model')
  }
  return accept(model)
}

/** Whether it is more than the frame of a model. */
export const hasGraph = (model: ModelProto): model is Model => model.graph !== undefined

/** Files that people push by mistake, recognised by their first bytes. */
function otherFormat(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'empty'
  const head = String.fromCharCode(...bytes.subarray(0, 24))
  if (head.startsWith('version https://git-lfs')) return 'a Git LFS pointer, not the model; run "git lfs pull" first'
  if (head.startsWith('PK\x03\x04')) return 'a zip archive, as PyTorch checkpoints are; export the model to ONNX'
  if (head.startsWith('\x80\x02') || head.startsWith('\x80\x04')) return 'a Python pickle; export the model to ONNX'
  if (head.startsWith('\x89HDF')) return 'an HDF5 file, as Keras writes; export the model to ONNX'
  if (head.slice(4, 8) === 'TFL3') return 'a TensorFlow Lite model; convert it with tf2onnx'
  if (head.slice(4, 8) === 'ORTM') return "in onnxruntime's own .ort format; push the .onnx file it was made from"
  return undefined
}
