/**
 * Stage models: each stage of a plan as a whole ONNX model. Initialisers go to the stages that read them; a shared one is
 * in each of them. Tensors between stages are declared with their type and shape.
 */
import { create } from '@bufbuild/protobuf'
import { elementTypeNumber } from '../element-type.ts'
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.ts'
import { hasGraph, type Model } from '../read.ts'
import { orderNodes } from './order.ts'
import type { PassedTensor, SplitPlan, StagePlan } from './plan-split.ts'

/** [ONNX IR specification, Graphs] From version 4 on, an initialiser need not be an input. */
const IR_VERSION_MIN = 4n

/** One model for each stage. They share the parts of the model given, which stays as it is. */
export function stageModels(model: Model, { stages }: SplitPlan): Model[] {
  const ordered = orderNodes(model)
  const placed = ordered.ok ? [...ordered.value.constants, ...ordered.value.steps] : []
  const readsAt = new Map(placed.map(({ index, reads }) => [index, reads]))
  return stages.map((stage, at) => stageModel(model, stage, { at, readsAt }))
}

type Place = { at: number; readsAt: ReadonlyMap<number, ReadonlySet<string>> }

function stageModel(model: Model, stage: StagePlan, { at, readsAt }: Place): Model {
  const { graph, irVersion } = model
  const node = stage.nodes.flatMap((index) => graph.node[index] ?? [])
  const used = new Set(stage.nodes.flatMap((index) => [...(readsAt.get(index) ?? [])]))
  for (const { name } of stage.outputs) used.add(name)
  const written = new Set(node.flatMap(({ output }) => output))
  const declared = new Map([...graph.valueInfo, ...graph.output, ...graph.input].map((info) => [info.name, info]))
  const ends = new Set([...graph.input, ...graph.output].map(({ name }) => name))
  const endOf = ({ name }: PassedTensor) => (ends.has(name) ? declared.get(name) : undefined)
  const takenInfo = (tensor: PassedTensor) => {
    const end = endOf(tensor)
    // An input needs a shape, and a result of the whole model may have none.
    return end && hasShape(end) ? end : infoOf(tensor)
  }
  const isInside = ({ name }: ValueInfoProto) =>
    written.has(name) && !stage.outputs.some((output) => output.name === name)
  const part: GraphProto = create(GraphProtoSchema, {
    name: `${graph.name || 'graph'}-${at + 1}`,
    node,
    initializer: graph.initializer.filter(({ name }) => used.has(name)),
    sparseInitializer: graph.sparseInitializer.filter(({ values }) => used.has(values?.name ?? '')),
    input: stage.inputs.map(takenInfo),
    output: stage.outputs.map((tensor) => endOf(tensor) ?? infoOf(tensor)),
    valueInfo: graph.valueInfo.filter(isInside),
    quantizationAnnotation: graph.quantizationAnnotation.filter(
      ({ tensorName }) => written.has(tensorName) || used.has(tensorName),
    ),
  })
  const { opsetImport, producerName, producerVersion, domain, modelVersion, metadataProps, functions } = model
  const made = create(ModelProtoSchema, {
    irVersion: irVersion < IR_VERSION_MIN ? IR_VERSION_MIN : irVersion,
    opsetImport,
    producerName,
    producerVersion,
    domain,
    modelVersion,
    metadataProps,
    functions,
    graph: part,
  })
  if (!hasGraph(made)) throw new Error('the graph that was just set is gone')
  return made
}

const hasShape = ({ type }: ValueInfoProto) => type?.value.case === 'tensorType' && type.value.value.shape !== undefined

/** A dimension without a value varies. */
function infoOf({ name, datatype, shape }: PassedTensor): ValueInfoProto {
  const dim = shape.map((size) => (size === -1 ? {} : { value: { case: 'dimValue' as const, value: BigInt(size) } }))
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementTypeNumber(datatype), shape: { dim } } } },
  })
}
