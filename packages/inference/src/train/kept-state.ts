/**
 * Kept state: the values that a device keeps from round to round and never sends: its own weights, and the correction of
 * its steps. A file that is missing or torn counts as none: the device begins with the values of the campaign.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { type Compressed, compressWay } from '@skerry/core/campaigns/compression'
import { correctionOf, nextControl } from '@skerry/core/campaigns/scaffold'
import { bytesOfWeights, isFiniteWeights, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { controlName } from '@skerry/onnx/train/plan'
import { readSource, type SourceFile } from '../runtime/model-source.ts'
import { Tensor } from '../runtime/onnx-runtime.ts'
import type { NamedShapes, TrainTask } from './train-model.ts'

type Feeds = Record<string, InstanceType<typeof Tensor>>

export type OpenState = {
  /** The weights of the round. */
  shared: Float32Array
  /** The weights that stay on the device. */
  own: Float32Array
  /** The direction of this device, and the mean direction of all; both empty if steps are not corrected. */
  control: Float32Array
  mean: Float32Array
  /** The values that rounding took from the updates before; empty without compression. */
  residual: Float32Array
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

const sizeOf = (parameters: NamedShapes) => parameters.reduce((sum, { shape }) => sum + elementsOf(shape), 0)

const readLine = (source: SourceFile, elements: number) => weightsOfBytes(readSource(source), elements)

/** Undefined if a file of the hub has not the size of its weights. */
export async function openState(order: TrainTask): Promise<OpenState | undefined> {
  const { parameters, personal, control, weights } = order
  const elements = sizeOf(parameters)
  const shared = readLine(weights, elements)
  const start = personal ? readLine(personal.start, sizeOf(personal.parameters)) : new Float32Array()
  const mean = control?.mean ? readLine(control.mean, elements) : new Float32Array(control ? elements : 0)
  if (!shared || !start || !mean) return undefined
  const rounded = order.compression ? elements : 0
  const kept = await keptLine(order, start.length + mean.length + rounded)
  const [first, second] = [start.length, start.length + mean.length]
  return {
    shared,
    own: kept?.subarray(0, first) ?? start,
    control: kept?.subarray(first, second) ?? new Float32Array(mean.length),
    mean,
    residual: kept?.subarray(second) ?? new Float32Array(rounded),
  }
}

async function keptLine({ state }: TrainTask, elements: number): Promise<Float32Array | undefined> {
  const bytes = state && (await readFile(state.path).catch(() => undefined))
  const line = bytes && weightsOfBytes(bytes, elements)
  return line && isFiniteWeights(line) ? line : undefined
}

/** The values of a line under the names of its parameters. Undefined if the line has another length. */
export function feedsOfLine(
  line: Float32Array,
  parameters: NamedShapes,
  nameOf: (parameter: string) => string,
): Feeds | undefined {
  const feeds: Feeds = {}
  let at = 0
  for (const { name, shape } of parameters) {
    const elements = elementsOf(shape)
    feeds[nameOf(name)] = new Tensor('float32', line.slice(at, at + elements), shape)
    at += elements
  }
  return at === line.length ? feeds : undefined
}

/** The correction of each gradient. Weights that stay on the device need none. */
export function correctionFeeds({ control, parameters, personal }: TrainTask, state: OpenState): Feeds {
  if (!control) return {}
  const own = personal?.parameters ?? []
  return {
    ...feedsOfLine(correctionOf(state.control, state.mean), parameters, controlName),
    ...feedsOfLine(new Float32Array(sizeOf(own)), own, controlName),
  }
}

export function joinLine(parts: readonly Float32Array[]): Float32Array {
  const line = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    line.set(part, at)
    at += part.length
  }
  return line
}

/** The bytes of the update, and the values that rounding takes from it. */
export function updateOf(order: TrainTask, { shared, residual }: OpenState, trained: Float32Array): Compressed {
  if (order.compression) return compressWay(shared, trained, residual)
  return { bytes: bytesOfWeights(trained), residual: new Float32Array() }
}

type Outcome = { trained: Float32Array; own: Float32Array; residual: Float32Array; rows: number }

/** Writes the state after a training. False if it has values that are no numbers: the training is worth nothing then. */
export async function keepState(order: TrainTask, state: OpenState, outcome: Outcome): Promise<boolean> {
  if (!order.state) return true
  const { trained, own, residual, rows } = outcome
  const start = state.shared
  const control = order.control
    ? nextControl(state.control, state.mean, { start, trained, rows, training: order })
    : new Float32Array()
  const line = joinLine([own, control, residual])
  if (!isFiniteWeights(line)) return false
  await writeFile(order.state.nextPath, bytesOfWeights(line))
  return true
}
