/**
 * Float16 storage: weights are stored in half precision, and a `Cast` makes them float32 again. The runtime folds the
 * casts while it loads the model, so that file and transfer halve while memory and speed stay.
 */
import { create } from '@bufbuild/protobuf'
import { type Body, bodies } from '../body.ts'
import { elementTypeNumber } from '../element-type.ts'
import {
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from '../generated/onnx_pb.ts'
import { writeTensor } from '../tensor.ts'
import { halfBits } from './half.ts'
import { constantsOf, type FreshNames, freshNames } from './naming.ts'
import { type Pass, setNodes } from './pass.ts'
import { floatsOf, freeCopy } from './weight.ts'

/** Of a tensor below a kilobyte, the cast and its name would take as much as is saved. */
const ELEMENTS_MIN = 256

export const float16: Pass = {
  name: 'float16',
  apply(model, report) {
    const fresh = freshNames(model)
    const constants = constantsOf(model)
    for (const body of bodies(model)) {
      const casts: NodeProto[] = []
      for (const tensor of body.graph?.initializer ?? []) {
        const values = constants(tensor.name, body) === tensor ? floatsOf(tensor) : undefined
        if (!values || values.length < ELEMENTS_MIN) continue
        report.changed.push({ node: tensor.name, operator: 'initialiser' })
        casts.push(halve(tensor, values, fresh))
      }
      if (casts.length > 0) prepend(body, casts)
    }
    return undefined
  },
}

function halve(tensor: TensorProto, values: Float32Array, fresh: FreshNames): NodeProto {
  const { name } = tensor
  const stored = fresh(`${name}/half`)
  const shape = tensor.dims.map(Number)
  const half = writeTensor(stored, { datatype: 'FP16', shape, data: new Uint8Array(halfBits(values).buffer) })
  freeCopy(values, tensor)
  Object.assign(tensor, { ...half, docString: tensor.docString })
  tensor.floatData = []
  return create(NodeProtoSchema, {
    name: fresh(`${name}/float`),
    opType: 'Cast',
    input: [stored],
    output: [name],
    attribute: [{ name: 'to', type: AttributeType.INT, i: BigInt(elementTypeNumber('FP32')) }],
  })
}

const prepend = (body: Body, nodes: NodeProto[]) => setNodes(body, [...nodes, ...body.nodes])
