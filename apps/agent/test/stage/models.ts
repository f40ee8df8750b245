/** Models for tests: one multiplication each, so that an answer tells which version gave it. */

import { create } from '@bufbuild/protobuf'
import type { Golden } from '@skerry/contract/devices/golden'
import { buildModel } from '@skerry/onnx/build'
import {
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from '@skerry/onnx/generated/onnx_pb'
import { writeModel } from '@skerry/onnx/write'

const floats = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer)

/** y = factor * x, over any number of values. */
export const timesModel = (factor: number): Uint8Array => writeModel(build(factor))

const build = (factor: number) =>
  buildModel({
    nodes: [{ operator: 'Mul', inputs: ['x', 'factor'], outputs: ['y'] }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    initialisers: [{ name: 'factor', datatype: 'FP32', shape: [1], data: floats(factor) }],
  })

const WEIGHTS = 'weights/factor.bin'

/** The same, with its factor in a file of its own. */
export function externalTimesFiles(factor: number): Record<string, Uint8Array | string> {
  const model = build(factor)
  moveOut(model.graph.initializer[0])
  return { 'model.onnx': writeModel(model), [WEIGHTS]: floats(factor), 'golden.json': timesGolden(factor) }
}

/** The same, with the factor in the branches of an `If`, which the runtime checks more strictly. */
export function branchedTimesFiles(factor: number): Record<string, Uint8Array | string> {
  const yes = { name: 'yes', datatype: 'BOOL' as const, shape: [], data: Uint8Array.of(1) }
  const y = { name: 'y', datatype: 'FP32' as const, shape: [-1] }
  const branch = (output: string) => {
    const w = { name: `${output}w`, datatype: 'FP32' as const, shape: [1], data: floats(factor) }
    const nodes = [{ operator: 'Mul', inputs: ['x', w.name], outputs: [output] }]
    return { graph: { nodes, inputs: [], outputs: [{ ...y, name: output }], initialisers: [w] } }
  }
  const attributes = { then_branch: branch('a'), else_branch: branch('b') }
  const model = buildModel({
    inputs: [{ ...y, name: 'x' }],
    outputs: [y],
    initialisers: [yes],
    nodes: [{ operator: 'If', inputs: ['yes'], outputs: ['y'], attributes }],
  })
  for (const { g } of model.graph.node[0]?.attribute ?? []) moveOut(g?.initializer[0])
  return { 'model.onnx': writeModel(model), [WEIGHTS]: floats(factor), 'golden.json': timesGolden(factor) }
}

/** Leaves the tensor without its elements, and with the file that has them. */
function moveOut(weight: TensorProto | undefined): void {
  if (!weight) throw new Error('the model has lost its factor')
  weight.rawData = new Uint8Array()
  weight.dataLocation = TensorProto_DataLocation.EXTERNAL
  weight.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: WEIGHTS })]
}

const tensor = (...values: number[]) => ({
  datatype: 'FP32' as const,
  shape: [values.length],
  data: Buffer.from(floats(...values)).toString('base64'),
})

/** What a `timesModel(factor)` answers. */
export const timesGolden = (factor: number): string =>
  JSON.stringify({
    tolerance: { absolute: 1e-4, relative: 1e-4 },
    cases: [{ inputs: { x: tensor(1, 2) }, outputs: { y: tensor(factor, 2 * factor) } }],
  } satisfies Golden)

/** The files of a right version. */
export const timesFiles = (factor: number) => ({ 'model.onnx': timesModel(factor), 'golden.json': timesGolden(factor) })

export type Answer = { status: number; version?: string; value?: number; error?: string }

/** Asks the served model for y at x = 1. */
export async function infer(rest: string, model = 'm'): Promise<Answer> {
  const body = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [1] }] }
  const response = await fetch(`${rest}/v2/models/${model}/infer`, { method: 'POST', body: JSON.stringify(body) })
  const reply = (await response.json()) as { outputs?: { data: number[] }[]; model_version?: string; error?: string }
  const value = reply.outputs?.[0]?.data?.[0]
  return JSON.parse(
    JSON.stringify({ status: response.status, version: reply.model_version, value, error: reply.error }),
  )
}

/** y = a / b by integers; the least number by -1 is a SIGFPE in the pinned runtime. */
export const divideModel = (): Uint8Array =>
  writeModel(
    buildModel({
      nodes: [{ operator: 'Div', inputs: ['a', 'b'], outputs: ['y'] }],
      inputs: [
        { name: 'a', datatype: 'INT32', shape: [-1] },
        { name: 'b', datatype: 'INT32', shape: [-1] },
      ],
      outputs: [{ name: 'y', datatype: 'INT32', shape: [-1] }],
    }),
  )

/** Asks for a / b, and gives the status; 0 where the connection was cut. */
export async function divide(rest: string, a: number, b: number, model = 'divide'): Promise<number> {
  const input = (name: string, value: number) => ({ name, datatype: 'INT32', shape: [1], data: [value] })
  const body = JSON.stringify({ inputs: [input('a', a), input('b', b)] })
  const response = await fetch(`${rest}/v2/models/${model}/infer`, { method: 'POST', body }).catch(() => undefined)
  await response?.arrayBuffer().catch(() => undefined)
  return response?.status ?? 0
}

/** Has native code crash. */
export const crashByDivision = (rest: string): Promise<number> => divide(rest, -2_147_483_648, -1)
