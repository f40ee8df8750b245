/** Models of the benchmark: one that takes next to no time, and one of a few milliseconds. */
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'

export const MODELS = ['tiny', 'millis'] as const
export type ModelName = (typeof MODELS)[number]

export const WIDTH = 512

/** Products of a row with a matrix of 1 MB: some 0.1 ms each. */
const LAYERS: Readonly<Record<ModelName, number>> = { tiny: 0, millis: 40 }

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
    inputs: [at === 0 ? 'x' : `h${at}`, `w${at}`],
    outputs: [`h${at + 1}`],
  }))
  return writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape }],
      outputs: [{ name: 'y', datatype: 'FP32', shape }],
      initialisers: weights,
      nodes: [...nodes, { operator: 'Identity', inputs: [layers === 0 ? 'x' : `h${layers}`], outputs: ['y'] }],
    }),
  )
}
