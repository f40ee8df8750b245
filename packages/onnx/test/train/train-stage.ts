/** Runs training and evaluation models in the runtime, for tests. */
import { InferenceSession } from '@skerry/inference/runtime/onnx-runtime'
import type { Tensor } from 'onnxruntime-node'
import {
  isTrainingRefusal,
  resultName,
  startName,
  type TrainingModel,
  type TrainingPlan,
} from '../../src/train/plan.ts'
import { trainingModel } from '../../src/train/training-model.ts'

/** Numbers and their shape; the array decides the type. */
export type Values = { shape: number[]; data: Float32Array | Uint8Array | BigInt64Array }

export const float32 = (shape: number[], data: Float32Array | readonly number[]): Values => ({
  shape,
  data: Float32Array.from(data),
})
export const scalar = (value: number): Values => float32([], [value])
export const int64 = (shape: number[], data: readonly number[]): Values => ({
  shape,
  data: BigInt64Array.from(data, BigInt),
})

const typeOf = (data: Values['data']) =>
  data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64'

export type Session = {
  run(feeds: Readonly<Record<string, Values>>): Promise<Record<string, Tensor>>
  end(): Promise<void>
}

export async function sessionOf(bytes: Uint8Array, threads = 1): Promise<Session> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: threads })
  return {
    async run(feeds) {
      const given = Object.entries(feeds).map(([name, { shape, data }]) => [
        name,
        { type: typeOf(data), dims: shape, data, location: 'cpu' } as unknown as Tensor,
      ])
      return (await session.run(Object.fromEntries(given))) as Record<string, Tensor>
    },
    end: () => session.release(),
  }
}

/** The training model of a plan, which must not be refused. */
export function trainable(bytes: Uint8Array, plan: TrainingPlan): TrainingModel {
  const model = trainingModel(bytes, plan)
  if (isTrainingRefusal(model)) throw new Error(`${model.refused}: ${model.message}`)
  return model
}

export type Weights = ReadonlyMap<string, Float32Array>

export type LocalRun = {
  data: Values
  labels: Values
  /** Row numbers of all steps. */
  rows: readonly number[]
  lr: number
  more?: Readonly<Record<string, Values>>
}

export type Trained = { weights: Map<string, Float32Array>; losses: Float32Array }

/** All steps in one run of the training model. */
export async function trainLocally(
  session: Session,
  { parameters }: TrainingModel,
  weights: Weights,
  { data, labels, rows, lr, more = {} }: LocalRun,
  batchSize: number,
): Promise<Trained> {
  const starts = parameters.map(({ name, shape }) => [
    startName(name),
    { shape, data: weights.get(name) ?? new Float32Array() },
  ])
  const perm = int64([rows.length / batchSize, batchSize], rows)
  const out = await session.run({ ...Object.fromEntries(starts), data, labels, perm, lr: scalar(lr), ...more })
  const trained = parameters.map(({ name }) => [name, out[resultName(name)]?.data as Float32Array] as const)
  return { weights: new Map(trained), losses: out.losses?.data as Float32Array }
}

/** The largest difference of two lists of numbers; NaN if one has other numbers than the other. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN
  let max = 0
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs((a[index] ?? Number.NaN) - (b[index] ?? Number.NaN))
    if (!(difference <= max)) max = difference
  }
  return max
}

/** Repeatable numbers between 0 and 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
