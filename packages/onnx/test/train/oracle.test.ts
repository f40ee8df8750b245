/**
 * Training models against Debian's python3-onnx and python3-onnxruntime, which are older than ours.
 * @module-tag deep starts Python for each judgement; rules.test.ts holds each gradient
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluationModel } from '../../src/train/evaluation-model.ts'
import { readParameters, writeParameters } from '../../src/train/parameters.ts'
import { isTrainingRefusal, startName, type TrainingPlan } from '../../src/train/plan.ts'
import { planOf, ruleCases, staged } from './cases/staged-case.ts'
import { testDigits, trainDigits } from './digits.ts'
import { convolutional, twoLayers } from './paper-models.ts'
import { int64, maxDifference, scalar, sessionOf, trainable, trainLocally, type Values } from './train-stage.ts'

const python = '/usr/bin/python3'
const oracle = fileURLToPath(new URL('train-oracle.py', import.meta.url))
const hasOracle = spawnSync(python, ['-c', 'import onnx, onnxruntime']).status === 0

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-train-oracle-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The answer of the oracle, its last line. */
function ask(...request: readonly unknown[]): unknown {
  const { stdout, stderr, status } = spawnSync(python, [oracle], { input: JSON.stringify(request), maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`the oracle failed: ${stderr.toString().slice(-2_000)}`)
  return JSON.parse(stdout.toString().trimEnd().split('\n').at(-1) ?? '')
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const typeOf = (data: Values['data']) =>
  data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64'

function runThere(path: string, feeds: Readonly<Record<string, Values>>): Map<string, Float32Array> {
  const given = Object.entries(feeds).map(([name, { shape, data }]) => {
    const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
    return [name, [typeOf(data), shape, hex]]
  })
  const answer = ask('run', path, Object.fromEntries(given)) as Record<string, string>
  return new Map(
    Object.entries(answer).map(([name, hex]) => [
      name,
      new Float32Array(new Uint8Array(Buffer.from(hex, 'hex')).buffer),
    ]),
  )
}

const digits: TrainingPlan = {
  loss: 'cross-entropy',
  optimiser: { name: 'sgd' },
  input: { dataType: 'uint8', scale: 1 / 255 },
  batchSize: 10,
}
const plans: Readonly<Record<string, TrainingPlan>> = {
  fused: digits,
  plain: { ...digits, fuse: false },
  adam: { ...digits, optimiser: { name: 'adam' }, clipNorm: true },
  momentum: { ...digits, optimiser: { name: 'sgd', momentum: 0.9 }, proximal: true, control: true },
}

describe.skipIf(!hasOracle)('by the oracle', () => {
  test('the checker accepts the training and evaluation models of all rules and plans', () => {
    const rules = ruleCases.flatMap((each, index) => both(`rule-${index}`, staged(each).bytes, planOf(each)))
    const networks = [twoLayers(1), convolutional(1)].flatMap((bytes, index) =>
      Object.entries(plans).flatMap(([name, plan]) => both(`network-${index}-${name}`, bytes, plan)),
    )
    expect(ask('check', ...rules, ...networks)).toEqual({})
  })

  function both(name: string, bytes: Uint8Array, plan: TrainingPlan): string[] {
    const evaluation = evaluationModel(bytes, plan)
    if (isTrainingRefusal(evaluation)) throw new Error(evaluation.message)
    return [written(`${name}.onnx`, trainable(bytes, plan).bytes), written(`${name}-evaluation.onnx`, evaluation.bytes)]
  }

  test.each([
    { kind: '2NN', bytes: twoLayers(3), steps: 20 },
    { kind: 'CNN', bytes: convolutional(3), steps: 5 },
  ])(
    'its onnxruntime trains the $kind to the same weights, whose logits are equal here and there',
    async ({ bytes, steps }) => {
      const { images, labels } = trainDigits()
      const rows = steps * 10
      const model = trainable(bytes, digits)
      const start = readParameters(
        bytes,
        model.parameters.map(({ name }) => name),
      )
      const data = { shape: [rows, 784], data: images.subarray(0, rows * 784) }
      const named = int64([rows], [...labels.subarray(0, rows)])
      const order = Array.from({ length: rows }, (_, row) => row)
      const session = await sessionOf(model.bytes)
      const here = await trainLocally(session, model, start, { data, labels: named, rows: order, lr: 0.1 }, 10)
      await session.end()
      const starts = model.parameters.map(({ name, shape }) => [startName(name), { shape, data: start.get(name) }])
      const there = runThere(written('training.onnx', model.bytes), {
        ...Object.fromEntries(starts),
        data,
        labels: named,
        perm: int64([steps, 10], order),
        lr: scalar(0.1),
      })
      for (const { name } of model.parameters)
        expect(maxDifference(here.weights.get(name) ?? [], there.get(`w/${name}`) ?? []), name).toBeLessThan(1e-6)
      const trained = writeParameters(bytes, here.weights)
      const pixels = Float32Array.from(testDigits().images.subarray(0, 100 * 784), (pixel) => pixel / 255)
      const x: Values = { shape: [100, 784], data: pixels }
      const inference = await sessionOf(trained)
      const { logits } = await inference.run({ x })
      await inference.end()
      const theirs = runThere(written('trained.onnx', trained), { x }).get('logits') ?? []
      expect(maxDifference(logits?.data as Float32Array, theirs)).toBeLessThan(1e-6)
    },
  )
})
