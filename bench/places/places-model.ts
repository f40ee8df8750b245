/** Models of the benchmark. The first takes next to no time, the second a few milliseconds, and the third 20 ms and more. */
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'

export const MODELS = ['tiny', 'millis', 'tens'] as const
export type ModelName = (typeof MODELS)[number]

export const WIDTH = 512

/** Products with a matrix of 1 MB. */
const LAYERS: Readonly<Record<ModelName, number>> = { tiny: 0, millis: 40, tens: 40 }

/** One row takes some 0.1 ms a layer. Many rows compute more with the same bytes: some 1 ms a layer. */
const ROWS: Readonly<Record<ModelName, number>> = { tiny: 1, millis: 1, tens: 64 }

/** The bytes of the model, which answers its input. */
export function benchModel(name: ModelName): Uint8Array<ArrayBuffer> {
  const layers = LAYERS[name]
  const shape = [1, WIDTH]
  const identity = new Float32Array(WIDTH * WIDTH)
  for (let at = 0; at < WIDTH; at++) identity[at * WIDTH + at] = 1
  // Each layer has a matrix of its own, so that the runtime folds none of them.
  const weights = Array.from({ length: layers }, (_, at) => float32Tensor(`w${at}`, [WIDTH, WIDTH], identity))
  const nodes = weights.map((_, at) => ({
    operator: 'MatMul',
    inputs: [`h${at}`, `w${at}`],
    outputs: [`h${at + 1}`],
  }))
  const rows = ROWS[name]
  // The input becomes so many equal rows, and the answer is their mean, which is the input again.
  const spread = float32Tensor('spread', [rows, 1], new Float32Array(rows).fill(1))
  const mean = float32Tensor('mean', [1, rows], new Float32Array(rows).fill(1 / rows))
  return writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape }],
      outputs: [{ name: 'y', datatype: 'FP32', shape }],
      initialisers: [spread, mean, ...weights],
      nodes: [
        { operator: 'MatMul', inputs: ['spread', 'x'], outputs: ['h0'] },
        ...nodes,
        { operator: 'MatMul', inputs: ['mean', `h${layers}`], outputs: ['y'] },
      ],
    }),
  )
}
