/**
 * Run steps: runs the steps of a training, all at once or a part after the other. A step needs nothing but the weights and
 * the optimiser's state of the step before, so that parts give the same bits as the whole, and a checkpoint is written
 * between two parts.
 */
import * as plan from '@skerry/onnx/train/plan'
import type { OptimiserState } from '@skerry/onnx/train/resumable-model'
import { type InferenceSession, Tensor } from '../runtime/onnx-runtime.ts'
import { type Checkpoint, checkpointKey, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { elementsOf, feedsOfLine, joinLine } from './kept-state.ts'
import type { NamedShapes, TrainTask } from './train-model.ts'

type Feeds = Record<string, InstanceType<typeof Tensor>>

export type StepRun = {
  session: InferenceSession
  order: TrainTask
  /** Identifies the rows and their labels. */
  setDigest: Buffer
  /** The weights at the start, in the order of `parameters`. */
  start: Float32Array
  /** All trained weights: the shared ones, and then the personal ones. */
  parameters: NamedShapes
  /** The states that the model takes and gives; undefined if it cannot be run in parts. */
  states: readonly OptimiserState[] | undefined
  /** The inputs that are the same for each step. */
  fixed: Feeds
  /** The rows of all steps. */
  rows: BigInt64Array
  /** The lines that the steps are corrected by. */
  corrections: readonly Float32Array[]
}

export type StepResult = { weights: Float32Array; losses: Float32Array; resumedAt: number }

/** The first part shows how long a step takes. Sixteen steps of a large network on a small device take some seconds. */
const FIRST_STEPS = 16

export async function runSteps(run: StepRun): Promise<StepResult> {
  const { order, start, states, setDigest, rows, corrections } = run
  const { checkpoint, batchSize } = order
  const all = rows.length / batchSize
  if (!checkpoint || !states || all === 0) {
    const { weights, losses } = await runPart(run, start, { from: 0, to: all })
    return { weights, losses, resumedAt: 0 }
  }
  const key = checkpointKey(order, setDigest, [start, ...corrections])
  const begun = joinLine([start, new Float32Array(states.reduce((sum, { shape }) => sum + elementsOf(shape), 0))])
  const found = await readCheckpoint(checkpoint.path, key, begun.length)
  let done: Checkpoint = found && found.steps <= all ? found : { steps: 0, losses: new Float32Array(), weights: begun }
  const resumedAt = done.steps
  for (let count = FIRST_STEPS; done.steps < all; ) {
    const begunMs = performance.now()
    const part = { from: done.steps, to: Math.min(all, done.steps + count) }
    const { weights, losses } = await runPart(run, done.weights, part)
    done = { steps: part.to, losses: joinLine([done.losses, losses]), weights }
    // The last part needs no checkpoint. The weights are sent next.
    if (done.steps < all) await writeCheckpoint(checkpoint.path, key, done)
    const stepMs = (performance.now() - begunMs) / (part.to - part.from)
    count = Math.max(1, Math.floor(checkpoint.everyMs / Math.max(stepMs, 0.001)))
  }
  return { weights: done.weights.slice(0, start.length), losses: done.losses, resumedAt }
}

type Part = { from: number; to: number }

/** The line has the weights, and then the states. */
async function runPart(
  { session, order, parameters, states = [], fixed, rows }: StepRun,
  line: Float32Array,
  { from, to }: Part,
) {
  const { batchSize } = order
  const [weights, carried] = divideLine(line, parameters)
  const starts = feedsOfLine(weights, parameters, plan.startName)
  const inputs = states.map(({ input, shape }) => ({ name: input, shape }))
  const before = feedsOfLine(carried, inputs, (name) => name)
  if (!starts || !before) throw new Error('the weights have not the size of the model')
  const outputs: Record<string, unknown> = await session.run({
    ...starts,
    ...before,
    ...fixed,
    [plan.ROWS]: new Tensor('int64', rows.slice(from * batchSize, to * batchSize), [to - from, batchSize]),
  })
  const valuesOf = (name: string) => (outputs[name] as InstanceType<typeof Tensor>).data as Float32Array
  return {
    weights: joinLine([
      ...parameters.map(({ name }) => valuesOf(plan.resultName(name))),
      ...states.map(({ output }) => valuesOf(output)),
    ]),
    losses: Float32Array.from(valuesOf(plan.LOSSES)),
  }
}

/** The part of the line that belongs to the first parameters, and the rest. */
export function divideLine(line: Float32Array, first: NamedShapes): [Float32Array, Float32Array] {
  const size = first.reduce((sum, { shape }) => sum + elementsOf(shape), 0)
  return [line.slice(0, size), line.slice(size)]
}
