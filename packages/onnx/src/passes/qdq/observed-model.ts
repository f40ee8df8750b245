/** The model of a calibration: it gives the tensors that static int8 needs the ranges of as further outputs. */
import { create } from '@bufbuild/protobuf'
import { ValueInfoProtoSchema } from '../../generated/onnx_pb.ts'
import { readModel } from '../../read.ts'
import { accept, type Result } from '../../refusal.ts'
import { writeModel } from '../../write.ts'
import { observedTensors } from './targets.ts'

/** `names` are all tensors to observe: some are inputs of the model, all others are outputs of `bytes`. */
export type ObservedModel = { bytes: Uint8Array<ArrayBuffer>; names: string[] }

/** The given bytes stay as they are. */
export function observedModel(bytes: Uint8Array): Result<ObservedModel> {
  const model = readModel(bytes)
  if (!model.ok) return model
  const { graph } = model.value
  const names = observedTensors(model.value)
  const known = new Set([...graph.input, ...graph.output].map(({ name }) => name))
  // The runtime finds the type of an output that states none.
  for (const name of names) if (!known.has(name)) graph.output.push(create(ValueInfoProtoSchema, { name }))
  return accept({ bytes: writeModel(model.value), names })
}
