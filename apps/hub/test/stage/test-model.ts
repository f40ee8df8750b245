/** Models for tests: built from parts, uploaded, pushed. */
import { create } from '@bufbuild/protobuf'
import type { PushReply } from '@skerry/contract/models/model'
import { buildModel, type ModelParts } from '@skerry/onnx/build'
import {
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from '@skerry/onnx/generated/onnx_pb'
import { writeModel } from '@skerry/onnx/write'
import { digestOf } from '@skerry/platform/files/hash'
import type { Answer, TestHub } from './running-hub.ts'

const float = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] })

/** y = operator(x), of one input and one output of floats. */
export const unary = (operator: string): ModelParts => ({
  inputs: [float('x')],
  outputs: [float('y')],
  nodes: [{ operator, inputs: ['x'], outputs: ['y'] }],
})

/** The file of a model. */
export const modelBytes = (parts: ModelParts): Uint8Array => writeModel(buildModel(parts))

/** A file of about a kilobyte, whose nested functions unfold to 2^height nodes. */
export const doublingModel = (height: number): Uint8Array => {
  const twice = (operator: string, domain?: string) => {
    const from = domain === undefined ? {} : { domain }
    return [
      { operator, ...from, inputs: ['a'], outputs: ['b'] },
      { operator, ...from, inputs: ['b'], outputs: ['c'] },
    ]
  }
  return modelBytes({
    inputs: [float('x')],
    outputs: [float('y')],
    opsets: { 'ai.onnx': 18, twin: 1 },
    nodes: [{ operator: `f${height - 1}`, domain: 'twin', inputs: ['x'], outputs: ['y'] }],
    functions: Array.from({ length: height }, (_, level) => ({
      domain: 'twin',
      name: `f${level}`,
      inputs: ['a'],
      outputs: ['c'],
      nodes: level === 0 ? twice('Sin') : twice(`f${level - 1}`, 'twin'),
    })),
  })
}

/** y = x + w, with the three floats of w in another file. */
export function modelWithExternalWeights(location: string): Uint8Array {
  const w = { name: 'w', datatype: 'FP32' as const, shape: [3], data: Buffer.alloc(12) }
  const model = buildModel({
    inputs: [{ ...float('x'), shape: [3] }],
    outputs: [{ ...float('y'), shape: [3] }],
    nodes: [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    initialisers: [w],
  })
  moveOut(model.graph.initializer[0], location)
  return writeModel(model)
}

/** The same with w in the branches of an `If`, which the runtime checks more strictly. */
export function modelWithExternalBranch(location: string): Uint8Array {
  const yes = { name: 'yes', datatype: 'BOOL' as const, shape: [], data: Uint8Array.of(1) }
  const x = { ...float('x'), shape: [3] }
  const y = { ...x, name: 'y' }
  const branch = (output: string) => {
    const w = { name: `${output}w`, datatype: 'FP32' as const, shape: [3], data: Buffer.alloc(12) }
    const nodes = [{ operator: 'Add', inputs: ['x', w.name], outputs: [output] }]
    return { graph: { nodes, inputs: [], outputs: [{ ...y, name: output }], initialisers: [w] } }
  }
  const attributes = { then_branch: branch('a'), else_branch: branch('b') }
  const nodes = [{ operator: 'If', inputs: ['yes'], outputs: ['y'], attributes }]
  const model = buildModel({ inputs: [x], outputs: [y], nodes, initialisers: [yes] })
  for (const { g } of model.graph.node[0]?.attribute ?? []) moveOut(g?.initializer[0], location)
  return writeModel(model)
}

/** Removes the tensor's elements, and refers to the file that has them. */
/** Moves the elements of a tensor into another file, and returns the bytes of that file. */
export function moveOut(tensor: TensorProto | undefined, location: string): Uint8Array {
  if (!tensor) throw new Error('the model has lost its weights')
  const bytes = tensor.rawData
  tensor.rawData = new Uint8Array()
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL
  tensor.externalData = [
    create(StringStringEntryProtoSchema, { key: 'location', value: location }),
    create(StringStringEntryProtoSchema, { key: 'length', value: String(bytes.length) }),
  ]
  return bytes
}

/** Floats in the form for the API. */
export const floats = (...values: number[]) => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Buffer.from(new Float32Array(values).buffer).toString('base64'),
})

/** One golden case for `unary`. */
export const goldenOf = (...values: number[]) => ({ cases: [{ inputs: { x: floats(...values) } }] })

type UploadBody = { id: string; offsetBytes: number; done: boolean }

/** Uploads bytes completely; returns their digest. */
export async function upload(test: TestHub, bytes: Uint8Array, key = test.ownerKey): Promise<string> {
  const digest = digestOf(bytes)
  const begun = await test.ask<UploadBody>('POST', '/v1/uploads', { key, body: { digest, sizeBytes: bytes.length } })
  if (begun.status !== 200) throw new Error(begun.text)
  if (begun.body.done) return digest
  const sent = await sendPiece(test, begun.body, bytes.subarray(begun.body.offsetBytes), key)
  if (!sent.body.done) throw new Error(sent.text)
  return digest
}

/** Sends a piece of an upload. */
export const sendPiece = (
  test: TestHub,
  { id, offsetBytes }: Pick<UploadBody, 'id' | 'offsetBytes'>,
  bytes: Uint8Array,
  key = test.ownerKey,
): Promise<Answer<UploadBody>> =>
  test.ask('PATCH', `/v1/uploads/${id}?offsetBytes=${offsetBytes}`, {
    key,
    raw: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })

export type PushOptions = {
  files?: Record<string, Uint8Array>
  golden?: unknown
  lineage?: unknown
  labels?: Record<string, string>
  aliases?: string[]
  signatures?: unknown[]
  key?: string
}

/** Uploads a model and the files beside it, and pushes them as a version. */
export async function push(
  test: TestHub,
  name: string,
  model: Uint8Array,
  { files = {}, key = test.ownerKey, ...rest }: PushOptions = {},
): Promise<Answer<PushReply & { code?: string; message?: string }>> {
  const named: { path: string; digest: string }[] = []
  for (const [path, bytes] of Object.entries({ 'model.onnx': model, ...files })) {
    named.push({ path, digest: await upload(test, bytes, key) })
  }
  return test.ask('POST', `/v1/models/${name}/versions`, { key, body: { files: named, ...rest } })
}
