/** Updates: from the gradients of a step to the next weights, and the state that an optimiser carries between steps. */
import type { Operation } from '../operation.ts'
import { CLIP, controlName, LEARNING_RATE, PROXIMAL, startName, type TrainingPlan } from '../plan.ts'
import type { Writer } from './writer.ts'

export type Weight = {
  /** The name in the user's file. */
  name: string
  /** The value before the step. */
  value: string
  shape: readonly number[]
  gradient: string
}

/** A value that a step hands to the next one. It begins with zeros. */
export type CarriedState = { before: string; after: string; shape: readonly number[] }

/** The name of the weight after the step. */
export const nextName = (value: string): string => `next/${value}`

/** Whether the learning rate is part of the loss gradient, so that products write the new weights. */
export const isFused = ({ optimiser, proximal, clipNorm, control, fuse = true }: TrainingPlan): boolean =>
  fuse && optimiser.name === 'sgd' && !optimiser.momentum && !proximal && !clipNorm && !control

/**
 * Writes the next weight of a fused step. A product that only this weight reads subtracts from the weight itself:
 * Gemm(a, b, w) = w - a b. Returns the operations of the backward pass that are left.
 */
export function writeFusedUpdates(t: Writer, weights: readonly Weight[], backward: readonly Operation[]): Operation[] {
  const reads = new Map<string, number>()
  const count = (name: string) => reads.set(name, (reads.get(name) ?? 0) + 1)
  for (const { inputs } of backward) for (const name of inputs) count(name)
  for (const { gradient } of weights) count(gradient)
  const products = new Map(
    backward.filter(({ operator }) => operator === 'Gemm').map((product) => [product.outputs[0] ?? '', product]),
  )
  const joined = new Set<string>()
  for (const { value, gradient } of weights) {
    const product = products.get(gradient)
    if (product?.inputs.length !== 2 || reads.get(gradient) !== 1) {
      t.emit('Sub', [value, gradient], {}, nextName(value))
      continue
    }
    joined.add(gradient)
    const alpha = product.attributes.alpha
    const factor = alpha && 'float' in alpha ? alpha.float : 1
    const attributes = { ...product.attributes, alpha: { float: -factor }, beta: { float: 1 } }
    t.emit('Gemm', [...product.inputs, value], attributes, nextName(value))
  }
  return backward.filter(({ outputs }) => !joined.has(outputs[0] ?? ''))
}

/** Writes the next weights of a plain step, and returns the carried state. */
export function writeUpdates(t: Writer, weights: readonly Weight[], plan: TrainingPlan): CarriedState[] {
  const full = weights.map((weight) => ({ ...weight, gradient: wholeGradient(t, weight, plan) }))
  const bounded = plan.clipNorm ? clipped(t, full) : full
  if (plan.optimiser.name === 'adam') return adam(t, bounded)
  const { momentum = 0 } = plan.optimiser
  if (momentum !== 0) return bounded.map((weight) => withMomentum(t, weight, momentum))
  for (const weight of bounded) stepTo(t, weight, weight.gradient)
  return []
}

/** FedProx adds mu (w - w0) to a gradient, and SCAFFOLD the control variate. */
function wholeGradient(t: Writer, { name, value, gradient }: Weight, { proximal, control }: TrainingPlan): string {
  const pull = proximal ? t.emit('Mul', [t.emit('Sub', [value, startName(name)]), PROXIMAL]) : undefined
  const drawn = pull === undefined ? gradient : t.emit('Add', [gradient, pull])
  return control ? t.emit('Add', [drawn, controlName(name)]) : drawn
}

/** Keeps a division by zero out of a step without a gradient. */
const NORM_MIN = 1e-6

/** Scales all gradients by one factor, so that their common norm is at most `clip`. */
function clipped(t: Writer, weights: readonly Weight[]): Weight[] {
  const squares = weights.map(({ gradient }) => t.emit('ReduceSumSquare', [gradient], { keepdims: { int: 0 } }))
  const sum = squares.reduce((all, next) => t.emit('Add', [all, next]))
  const norm = t.emit('Add', [t.emit('Sqrt', [sum]), t.pool.float(NORM_MIN)])
  const factor = t.emit('Min', [t.emit('Div', [CLIP, norm]), t.pool.float(1)])
  return weights.map((weight) => ({ ...weight, gradient: t.emit('Mul', [weight.gradient, factor]) }))
}

function stepTo(t: Writer, { value }: Weight, direction: string) {
  t.emit('Sub', [value, t.emit('Mul', [direction, LEARNING_RATE])], {}, nextName(value))
}

function withMomentum(t: Writer, weight: Weight, momentum: number): CarriedState {
  const state = carried('v', weight.value, weight.shape)
  const kept = t.emit('Mul', [state.before, t.pool.float(momentum)])
  stepTo(t, weight, t.emit('Add', [kept, weight.gradient], {}, state.after))
  return state
}

const carried = (kind: string, value: string, shape: readonly number[]): CarriedState => ({
  before: `o/${kind}/${value}`,
  after: `next/o/${kind}/${value}`,
  shape,
})

/** [Kingma and Ba, 2014] The decay of both means, and the summand that keeps a division by zero away. */
const BETAS = [0.9, 0.999] as const
const EPSILON = 1e-8

/**
 * The corrections 1 - beta^t are carried as such: float32 would lose them in a difference from 1.
 */
function adam(t: Writer, weights: readonly Weight[]): CarriedState[] {
  const corrections = BETAS.map((beta, index) => {
    const state = carried('correction', String(index), [])
    decay(t, state, t.pool.float(1), beta)
    return state
  })
  const [first = '', second = ''] = corrections.map(({ after }) => after)
  return [...corrections, ...weights.flatMap((weight) => adamWeight(t, weight, { first, second }))]
}

function adamWeight(t: Writer, weight: Weight, { first, second }: { first: string; second: string }): CarriedState[] {
  const { value, shape, gradient } = weight
  const [mean, square] = [carried('m', value, shape), carried('s', value, shape)]
  const [slow, slower] = BETAS
  decay(t, mean, gradient, slow)
  decay(t, square, t.emit('Mul', [gradient, gradient]), slower)
  const deviation = t.emit('Sqrt', [t.emit('Div', [square.after, second])])
  const divisor = t.emit('Add', [deviation, t.pool.float(EPSILON)])
  stepTo(t, weight, t.emit('Div', [t.emit('Div', [mean.after, first]), divisor]))
  return [mean, square]
}

function decay(t: Writer, { before, after }: CarriedState, value: string, beta: number) {
  const kept = t.emit('Mul', [before, t.pool.float(beta)])
  t.emit('Add', [kept, t.emit('Mul', [value, t.pool.float(1 - beta)])], {}, after)
}
