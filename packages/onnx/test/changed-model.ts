/** A model that is right, y = x + w, and what `summarise` says of it after one change. */
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { Datatype, TensorSpec } from '@skerry/contract/models/tensor'
import { buildModel, float32Tensor, type ModelParts, type NodePart } from '../src/build.ts'
import type { TensorProto } from '../src/generated/onnx_pb.ts'
import type { Model } from '../src/read.ts'
import type { Result } from '../src/refusal.ts'
import { summarise } from '../src/summary.ts'
import { writeModel } from '../src/write.ts'

export const tensor = (name: string, shape: number[] = [-1], datatype: Datatype = 'FP32'): TensorSpec => ({
  name,
  datatype,
  shape,
})

export const node = (
  operator: string,
  inputs: string[],
  outputs: string[],
  more: Partial<NodePart> = {},
): NodePart => ({
  operator,
  inputs,
  outputs,
  ...more,
})

export const weight = (name: string) => float32Tensor(name, [2], Float32Array.of(1, 2))

/** Beside the model lies `weights.bin`, 100 bytes long. */
export function changed(
  parts: Partial<ModelParts>,
  edit: (model: Model, w: TensorProto) => void = () => undefined,
): Result<ModelSummary> {
  const model = buildModel({
    nodes: [node('Add', ['x', 'w'], ['y'])],
    inputs: [tensor('x')],
    outputs: [tensor('y')],
    initialisers: [weight('w')],
    ...parts,
  })
  const [w] = model.graph.initializer
  if (w) edit(model, w)
  return summarise(writeModel(model), new Map([['weights.bin', 100]]))
}
