import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { readParameters } from '@skerry/onnx/train/parameters'
import { writeModel } from '@skerry/onnx/write'
import { expect, test } from 'vitest'
import { openSource } from './model-source.ts'
import { withOwnWeights } from './own-weights.ts'

const bytes = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 17 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    initialisers: [
      float32Tensor('body.w', [2, 2], Float32Array.of(1, 2, 3, 4)),
      float32Tensor('head.w', [2, 2], Float32Array.of(5, 6, 7, 8)),
      float32Tensor('head.b', [2], Float32Array.of(9, 10)),
    ],
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'body.w'], outputs: ['a'] },
      { operator: 'Gemm', inputs: ['a', 'head.w', 'head.b'], outputs: ['y'] },
    ],
  }),
)

const weights = [
  { name: 'head.w', elements: 4 },
  { name: 'head.b', elements: 2 },
]

test('own weights stand in for those of the file, and no other weight changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-own-weights-'))
  try {
    const modelPath = join(folder, 'model.onnx')
    await writeFile(modelPath, bytes)
    const line = Float32Array.of(-1, -2, -3, -4, -5, -6)
    // A message between processes gives views at any offset.
    const values = new Uint8Array(line.byteLength + 1).subarray(1)
    values.set(new Uint8Array(line.buffer))
    const opened = withOwnWeights(openSource({ modelPath }), { weights, values })
    if (typeof opened.model === 'string') throw new Error('the model stayed a path')
    const found = readParameters(opened.model, ['body.w', 'head.w', 'head.b'])
    expect([...found.values()].map((each) => [...each])).toEqual([
      [1, 2, 3, 4],
      [-1, -2, -3, -4],
      [-5, -6],
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('own weights of another size or name are refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-own-weights-'))
  try {
    const modelPath = join(folder, 'model.onnx')
    await writeFile(modelPath, bytes)
    const source = () => openSource({ modelPath })
    expect(() => withOwnWeights(source(), { weights, values: new Uint8Array(20) })).toThrow('another size')
    const unknown = [{ name: 'tail.w', elements: 1 }]
    expect(() => withOwnWeights(source(), { weights: unknown, values: new Uint8Array(4) })).toThrow('tail.w')
    const wrong = [{ name: 'head.b', elements: 3 }]
    expect(() => withOwnWeights(source(), { weights: wrong, values: new Uint8Array(12) })).toThrow()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
