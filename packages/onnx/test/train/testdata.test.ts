/**
 * ONNX's own test cases, 1,437 models of one operator each: Debian's package libonnx-testdata. A model either has a
 * training model that loads, or is refused by a code; nothing throws.
 * @module-tag deep loads hundreds of models; rules.test.ts holds each gradient
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Model, readModel } from '../../src/read.ts'
import { readSignature } from '../../src/signature.ts'
import { writeTensor } from '../../src/tensor.ts'
import { isTrainingRefusal, type TrainingPlan } from '../../src/train/plan.ts'
import { trainingModel } from '../../src/train/training-model.ts'
import { writeModel } from '../../src/write.ts'
import { sessionOf } from './train-stage.ts'

const root = '/usr/share/libonnx-testdata/data'
const paths = existsSync(root) ? globSync('**/*.onnx', { cwd: root }).sort() : []

/** All inputs but the first one become weights and constants, so that the operator has something to train. */
function withWeights(model: Model): Model | undefined {
  const signature = readSignature(model)
  if (!signature.ok) return undefined
  const [first, ...others] = signature.value.inputs
  if (!first || others.some(({ shape, datatype }) => shape.includes(-1) || !['FP32', 'INT64'].includes(datatype)))
    return undefined
  for (const { name, shape, datatype } of others) {
    const count = shape.reduce((a, b) => a * b, 1)
    const values = datatype === 'FP32' ? new Float32Array(count).fill(0.5) : new BigInt64Array(count).fill(1n)
    model.graph.initializer.push(writeTensor(name, { datatype, shape, data: new Uint8Array(values.buffer) }))
  }
  return model
}

async function tryModel(path: string): Promise<string> {
  const bytes = readFileSync(join(root, path))
  const read = readModel(bytes)
  const model = read.ok ? withWeights(read.value) : undefined
  const signature = model && readSignature(model)
  const batchSize = signature?.ok ? Math.max(1, signature.value.inputs[0]?.shape[0] ?? 1) : 1
  const plan: TrainingPlan = { loss: 'mse', optimiser: { name: 'sgd' }, input: { dataType: 'float32' }, batchSize }
  const made = trainingModel(model ? writeModel(model) : bytes, plan)
  if (isTrainingRefusal(made)) return made.refused
  const problem = await sessionOf(made.bytes).then(
    (session) => session.end(),
    (cause: Error) => `${path}: ${cause.message.slice(0, 300)}`,
  )
  return problem ?? 'loads'
}

describe.skipIf(paths.length === 0)('libonnx-testdata', () => {
  test('each model trains or is refused', async () => {
    const results = new Map<string, number>()
    const problems: string[] = []
    for (const path of paths) {
      const result = await tryModel(path)
      if (result.startsWith(path)) problems.push(result)
      else results.set(result, (results.get(result) ?? 0) + 1)
    }
    expect(problems).toEqual([])
    expect(results.get('loads')).toBeGreaterThan(50)
  })
})
