/** Web models files: models as files that somebody drops on the page, a large one with its weights beside it among them. */
import { create } from '@bufbuild/protobuf'
import { buildModel } from '@skerry/onnx/build'
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from '@skerry/onnx/generated/onnx_pb'
import { writeModel } from '@skerry/onnx/write'
import type { Page } from 'playwright-core'

/** A file as the page gets it; `repeat` fills a large one there, so that its bytes need not travel. */
export type DroppedFile = { name: string; bytes: Uint8Array; repeat?: number }

const float = (name: string, shape: number[]) => ({ name, datatype: 'FP32' as const, shape })

/** y = operator(x). */
export const unaryModel = (operator: string, input = 'x'): Uint8Array =>
  writeModel(
    buildModel({
      inputs: [float(input, [-1])],
      outputs: [float('y', [-1])],
      nodes: [{ operator, inputs: [input], outputs: ['y'] }],
    }),
  )

/** y = x + the largest of so many weights, which lie in weights.bin: each is the same number. */
export function largeModel(weightCount: number, weight: number): DroppedFile[] {
  const model = buildModel({
    inputs: [float('x', [-1, 3])],
    outputs: [float('y', [-1, 3])],
    nodes: [
      { operator: 'ReduceMax', inputs: ['w'], outputs: ['most'], attributes: { keepdims: { int: 0 } } },
      { operator: 'Add', inputs: ['x', 'most'], outputs: ['y'] },
    ],
    initialisers: [{ name: 'w', datatype: 'FP32', shape: [1], data: new Uint8Array(4) }],
  })
  const [w] = model.graph.initializer
  if (!w) throw new Error('the model has lost its weights')
  w.dims = [BigInt(weightCount)]
  w.rawData = new Uint8Array()
  w.dataLocation = TensorProto_DataLocation.EXTERNAL
  w.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'weights.bin' })]
  const one = new Uint8Array(Float32Array.of(weight).buffer)
  return [
    { name: 'model.onnx', bytes: writeModel(model) },
    { name: 'weights.bin', bytes: one, repeat: weightCount },
  ]
}

/** Golden inputs as a JSON file. */
export const goldenFile = (content: unknown): DroppedFile => ({
  name: 'golden.json',
  bytes: Buffer.from(JSON.stringify(content)),
})

/** Drops the files on the page, when it stands. */
export async function drop(page: Page, files: readonly DroppedFile[]): Promise<void> {
  await page.locator('input[data-chooser=files]').waitFor({ state: 'attached' })
  const plain = files.map(({ name, bytes, repeat = 1 }) => ({
    name,
    repeat,
    base64: Buffer.from(bytes).toString('base64'),
  }))
  const data = await page.evaluateHandle(`(${TRANSFER})(${JSON.stringify(plain)})`)
  await page.dispatchEvent('main', 'drop', { dataTransfer: data })
}

/** Runs in the page. */
const TRANSFER = `(given) => {
  const transfer = new DataTransfer()
  for (const { name, base64, repeat } of given) {
    const unit = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const bytes = new Uint8Array(unit.length * repeat)
    for (let at = 0; at < bytes.length; at += unit.length) bytes.set(unit, at)
    transfer.items.add(new File([bytes], name))
  }
  return transfer
}`
