/** Scaling model: a small network of known cost. */
import { writeFile } from 'node:fs/promises'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'

const WIDTH = 256

/** Matrix products in a row: about a tenth of a millisecond for eight of them. */
export async function writeTinyModel(path: string, layers = 8): Promise<void> {
  const weights = new Float32Array(WIDTH * WIDTH).fill(1 / WIDTH)
  const names = Array.from({ length: layers }, (_, at) => (at === layers - 1 ? 'y' : `h${at}`))
  const model = buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, WIDTH] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, WIDTH] }],
    initialisers: [{ name: 'w', datatype: 'FP32', shape: [WIDTH, WIDTH], data: new Uint8Array(weights.buffer) }],
    nodes: names.map((name, at) => ({
      operator: 'MatMul',
      inputs: [at === 0 ? 'x' : `h${at - 1}`, 'w'],
      outputs: [name],
    })),
  })
  await writeFile(path, writeModel(model))
}
