/** A classifier of 256 classes for tests of builds, with cases that are the same in each run. */
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { floatTensor } from '../../examples/stage/push.ts'

export const INPUTS = 32
export const CLASSES = 256

export const wave = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(index * 0.7 + seed) * 0.8)

export const classifier = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, INPUTS] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, CLASSES] }],
    initialisers: [float32Tensor('m', [INPUTS, CLASSES], wave(INPUTS * CLASSES, 3))],
    nodes: [{ operator: 'MatMul', inputs: ['x', 'm'], outputs: ['y'] }],
  }),
)

export const caseOf = (seed: number) => ({ inputs: { x: floatTensor([1, INPUTS], wave(INPUTS, seed)) } })
