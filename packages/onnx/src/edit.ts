/**
 * Changes the weights of a model: to make a worse one from a good one, or one that answers NaN. The model given stays
 * as it is.
 */
import { clone } from '@bufbuild/protobuf'
import { bodies } from './body.ts'
import { ModelProtoSchema, type NodeProto, type TensorProto } from './generated/onnx_pb.ts'
import { hasGraph, type Model } from './read.ts'
import { readTensor } from './tensor.ts'

/** New values for a weight, or undefined to leave it. */
export type WeightChange = (values: Float32Array, name: string) => Float32Array | undefined

/**
 * Applies `change` to every float32 weight: initialisers by their name, tensors of `Constant` nodes by that of their
 * output.
 */
export function mapWeights(model: Model, change: WeightChange): Model {
  const copy = clone(ModelProtoSchema, model)
  if (!hasGraph(copy)) throw new Error('the copy of a model lost its graph')
  for (const { graph, nodes } of bodies(copy)) {
    for (const tensor of graph?.initializer ?? []) changeTensor(tensor, tensor.name, change)
    for (const node of nodes) changeConstant(node, change)
  }
  return copy
}

/** Multiplies one weight; a factor of NaN makes a model that loads and answers NaN. */
export function scaleWeight(model: Model, weight: string, factor: number): Model {
  let isFound = false
  const scaled = mapWeights(model, (values, name) => {
    if (name !== weight) return undefined
    isFound = true
    return values.map((value) => value * factor)
  })
  if (!isFound) throw new RangeError(`the model has no float32 weight ${JSON.stringify(weight)}`)
  return scaled
}

function changeConstant({ opType, output, attribute }: NodeProto, change: WeightChange) {
  if (opType !== 'Constant') return
  for (const { t } of attribute) if (t) changeTensor(t, output[0] ?? '', change)
}

function changeTensor(tensor: TensorProto, name: string, change: WeightChange) {
  const raw = readTensor(tensor)
  if (!raw.ok || raw.value.datatype !== 'FP32') return
  // The bytes may stand anywhere in the file, and floats only at multiples of four.
  const values = new Float32Array(new Uint8Array(raw.value.data).buffer)
  const changed = change(values, name)
  if (!changed) return
  if (changed.length !== values.length) {
    throw new RangeError(`weight ${name} has ${values.length} values, not ${changed.length}`)
  }
  tensor.rawData = new Uint8Array(changed.buffer, changed.byteOffset, changed.byteLength)
  tensor.floatData = []
}
