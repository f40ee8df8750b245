/** Web builds fleet: a hub with a small network of vision and its golden cases, and a model without any. */
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'

export const EYE = 'eye'
/** A model that the hub cannot optimise, because it has no golden cases. */
export const BARE = 'bare'

export async function openBuildsFleet(): Promise<TestHub> {
  const hub = await startTestHub()
  const golden = { cases: [1, 2, 3, 4, 5, 6, 7, 8].map(image) }
  const { status, text } = await push(hub, EYE, eye, { golden })
  if (status !== 200) throw new Error(text)
  await push(hub, BARE, modelBytes(unary('Neg')))
  return hub
}

const noise = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898 + seed) * 0.5)

/** A convolution, an activation, and a classifier of 128 classes. */
const eye = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 16, 16] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 128] }],
    initialisers: [
      float32Tensor('w', [64, 3, 3, 3], noise(64 * 27, 1)),
      float32Tensor('m', [64, 128], noise(64 * 128, 3)),
    ],
    nodes: [
      { operator: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
      { operator: 'Relu', inputs: ['c'], outputs: ['r'] },
      { operator: 'GlobalAveragePool', inputs: ['r'], outputs: ['p'] },
      { operator: 'Flatten', inputs: ['p'], outputs: ['f'] },
      { operator: 'MatMul', inputs: ['f', 'm'], outputs: ['y'] },
    ],
  }),
)

const image = (seed: number) => ({
  inputs: {
    x: { datatype: 'FP32', shape: [1, 3, 16, 16], data: Buffer.from(noise(768, seed).buffer).toString('base64') },
  },
})
