/**
 * Writes an ONNX file. Fields that this version of ONNX does not know are kept from reading to writing.
 *
 * A writer of protobuf doubles its buffer while it grows, and copies the whole at the end: three times the model. So the
 * weights of the main graph are left out of what it writes, and copied once, into a buffer of the right size.
 */
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf'
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from './generated/onnx_pb.ts'

/** The bytes of the model, with its fields in the order of their numbers; the same model always gives the same bytes. */
export function writeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const { graph } = model
  return joined(
    graph
      ? partsAround(ModelProtoSchema, model, ModelProtoSchema.field.graph, graphParts(graph))
      : [toBinary(ModelProtoSchema, model)],
  )
}

type Part = Uint8Array

function graphParts(graph: GraphProto): Part[] {
  const field = GraphProtoSchema.field.initializer
  const tensors = graph.initializer.flatMap((tensor) => lengthDelimited(field.number, tensorParts(tensor)))
  const [before, after] = halves(GraphProtoSchema, graph, field.number)
  return [before, ...tensors, after]
}

function tensorParts(tensor: TensorProto): Part[] {
  const field = TensorProtoSchema.field.rawData
  if (tensor.rawData.length === 0) return [toBinary(TensorProtoSchema, tensor)]
  return partsAround(TensorProtoSchema, tensor, field, [tensor.rawData])
}

/** The message with one field whose content is given as parts. */
function partsAround<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
  { number }: { number: number },
  content: readonly Part[],
): Part[] {
  const [before, after] = halves(schema, message, number)
  return [before, ...lengthDelimited(number, content), after]
}

/** The fields with lower numbers, and those with higher ones and all unknown fields. */
function halves<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>, number: number): [Part, Part] {
  const part = (isIn: (other: number) => boolean) => {
    const copy = create(schema as DescMessage)
    const own = schema.fields.filter((field) => isIn(field.number) && Object.hasOwn(message, field.localName))
    return Object.assign(
      copy,
      Object.fromEntries(own.map(({ localName }) => [localName, Reflect.get(message, localName)])),
    )
  }
  const after = part((other) => other > number)
  if (message.$unknown) after.$unknown = message.$unknown
  return [
    toBinary(
      schema as DescMessage,
      part((other) => other < number),
    ),
    toBinary(schema as DescMessage, after),
  ]
}

/** [Protocol Buffers, Encoding] The wire type of messages and bytes. */
const LENGTH_DELIMITED = 2

function lengthDelimited(number: number, content: readonly Part[]): Part[] {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return [varint(number * 8 + LENGTH_DELIMITED), varint(length), ...content]
}

/** [Protocol Buffers, Encoding] Seven bits a byte, the lowest first. A length can have more than 32 bits on the way. */
function varint(value: number): Part {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Uint8Array.of(...bytes, rest)
}

function joined(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
