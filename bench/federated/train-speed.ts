/**
 * Samples that a training model learns from in a second of processor, on one thread: the two networks of the FedAvg
 * paper, fused and plain, beside PyTorch eager. All variants take turns, so that noise hits all alike.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readParameters } from '@skerry/onnx/train/parameters'
import type { TrainingPlan } from '@skerry/onnx/train/plan'
import { trainDigits } from '../../packages/onnx/test/train/digits.ts'
import { convolutional, twoLayers } from '../../packages/onnx/test/train/paper-models.ts'
import { int64, sessionOf, trainable, trainLocally } from '../../packages/onnx/test/train/train-stage.ts'
import { median } from '../serve-parts/serve-latency.ts'

/** An odd number, so that the median is a measured value. */
const ROUNDS = 5

/** Enough rows for a second of processor and less. */
const networks = {
  '2NN': { make: twoLayers, rows: 32_000, goal: 2 },
  CNN: { make: convolutional, rows: 960, goal: 0.6 },
} as const
const BATCHES = [10, 32]
const PIXELS = 784

const PYTHON = '/usr/bin/python3'
const TORCH = join(import.meta.dirname, 'torch-speed.py')

type Variant = { name: string; measure(): Promise<number> | number; end(): Promise<void> }

/** For each network and batch: the median and the spread of each variant, and the ratio to PyTorch. */
export async function trainSpeed(): Promise<object> {
  const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0
  const measured: Record<string, object> = {}
  for (const [kind, { make, rows, goal }] of Object.entries(networks))
    for (const batchSize of BATCHES) {
      const own = await Promise.all([true, false].map((fuse) => variantOf(make(1), { fuse, batchSize, rows })))
      const variants = hasTorch ? [...own, torchVariant(kind, batchSize, rows)] : own
      measured[`${kind}, B=${batchSize}`] = { ...(await figuresOf(variants)), goalOfTorch: goal }
    }
  const baseline = hasTorch ? 'PyTorch eager, one thread' : 'missing: sudo apt-get install python3-torch'
  return { unit: 'samples in a second of processor', baseline, ...measured }
}

async function figuresOf(variants: readonly Variant[]): Promise<object> {
  const speeds = new Map<string, number[]>(variants.map(({ name }) => [name, []]))
  // The first round warms caches up, and is left out.
  for (let round = 0; round <= ROUNDS; round++)
    for (const { name, measure } of variants) {
      const speed = await measure()
      if (round > 0) speeds.get(name)?.push(speed)
    }
  for (const { end } of variants) await end()
  const of = (name: string) => median(speeds.get(name) ?? [])
  const each = [...speeds].map(([name, values]) => [
    name,
    {
      median: Math.round(median(values)),
      least: Math.round(Math.min(...values)),
      most: Math.round(Math.max(...values)),
    },
  ])
  const torch = speeds.has('torch') ? { fusedOfTorch: of('fused') / of('torch') } : {}
  return { ...Object.fromEntries(each), fusedOfPlain: of('fused') / of('plain'), ...torch }
}

type Setting = { fuse: boolean; batchSize: number; rows: number }

async function variantOf(bytes: Uint8Array, { fuse, batchSize, rows }: Setting): Promise<Variant> {
  const plan: TrainingPlan = {
    loss: 'cross-entropy',
    optimiser: { name: 'sgd' },
    input: { dataType: 'uint8', scale: 1 / 255 },
    batchSize,
    fuse,
  }
  const model = trainable(bytes, plan)
  const start = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  const session = await sessionOf(model.bytes)
  const { images, labels } = trainDigits()
  const count = rows - (rows % batchSize)
  const run = {
    data: { shape: [rows, PIXELS], data: images.subarray(0, rows * PIXELS) },
    labels: int64([rows], [...labels.subarray(0, rows)]),
    rows: Array.from({ length: count }, (_, row) => row),
    lr: 0.05,
  }
  return {
    name: fuse ? 'fused' : 'plain',
    async measure() {
      const before = process.cpuUsage()
      await trainLocally(session, model, start, run, batchSize)
      const { user, system } = process.cpuUsage(before)
      return count / ((user + system) / 1e6)
    },
    end: () => session.end(),
  }
}

/** A process of its own for each measurement; only its training counts. */
const torchVariant = (kind: string, batchSize: number, rows: number): Variant => ({
  name: 'torch',
  measure() {
    const { stdout, stderr, status } = spawnSync(PYTHON, [TORCH, kind, String(batchSize), String(rows)])
    if (status !== 0) throw new Error(`PyTorch failed: ${stderr.toString().slice(-2_000)}`)
    return Number(stdout.toString().trim())
  },
  end: () => Promise.resolve(),
})
