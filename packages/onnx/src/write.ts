/** Writes an ONNX file. Fields that this version of ONNX does not know are kept from reading to writing. */
import { toBinary } from '@bufbuild/protobuf'
import { type ModelProto, ModelProtoSchema } from './generated/onnx_pb.ts'

/** The bytes of the model; the same model always gives the same bytes. */
export function writeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, model)
}
