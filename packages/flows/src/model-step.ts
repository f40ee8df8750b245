/**
 * Model step: sends a model a request for each instant in which its signals have values. Waiting requests go together
 * as one batch. A fallback model answers if the model does not.
 */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import type { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import type { TagCause } from '@skerry/contract/sources/tag'
import { type Instant, newSignal, type Operator, QUALITY, type Signal, takeWorst } from '@skerry/core/flow/signal'
import type { PictureView } from '@skerry/core/flow/tensors/picture-view'
import { createOutbox, type Outbox } from './host/outbox.ts'
import type { Latency } from './latency.ts'
import { hasEverSpoken, isTriggered, NEVER_MS } from './operators/operator.ts'
import type { Answer } from './packet.ts'

type ModelStep = Extract<FlowStep, { kind: 'model' }>

/** `inputs`: in the order of the model, if they have no names. Shapes begin with the rows of the batch. */
export type ModelQuestion = {
  model: string
  version: number | undefined
  inputs: { name: string | undefined; shape: number[]; data: Numbers }[]
  /** Names of the wanted outputs. If it is empty, the model's first output. */
  outputs: readonly string[]
  /** A request to a language model, which has no tensors. */
  ask?: TextQuestion
}

export type TextQuestion = {
  prompt: string
  system: string | undefined
  schema: AnswerSchema | undefined
  answerTokens: number
}

export type ModelAnswer =
  /** In the order of the request. */
  | { ok: true; tensors: { shape: number[]; data: Numbers }[]; text?: string }
  | { ok: false; code: string; message: string }

export type Infer = (question: ModelQuestion, signal: AbortSignal) => Promise<ModelAnswer>

/** Pictures are in single precision already. */
type Numbers = Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer>
type Tensor = { shape: readonly number[]; data: Numbers }
/** One row for each input. If signals are rows, one input has several rows. */
type Asked = {
  rows: number
  inputs: Tensor[]
  /** The view of the picture in the request. */
  view: PictureView | undefined
  doubt: TagCause | undefined
  askedMs: number
  settle(answer: Answer): void
}

export type ModelDeps = {
  infer: Infer
  monotonicMs: () => number
  latency: Latency
  signal: AbortSignal
  /** Reserves a place for the answer, in the order of instants. */
  reserve(instant: Instant): (answer: Answer) => void
}

export function createModelStep(step: ModelStep, deps: ModelDeps): { operator: Operator; outbox: Outbox<Asked> } {
  const trigger = step.when === undefined ? -1 : step.from.indexOf(step.when)
  const outbox = createOutbox<Asked>(step.queue, {
    batchMax: step.batchMax,
    carry: (asked) => carry(step, deps, asked),
    onDropped: ({ settle }) => settle({ ok: 'dropped' }),
  })
  const worst = newSignal()
  const operator: Operator = {
    dueMs: NEVER_MS,
    get dropped() {
      return outbox.dropped
    },
    run(from, instant) {
      if (!isTriggered(from, instant, trigger) || !from.every(hasEverSpoken)) return false
      const settle = deps.reserve(instant)
      const quality = takeWorst(from, worst)
      if (quality === QUALITY.bad) {
        settle({ ok: false, ...(worst.cause ?? { code: 'signal_bad', message: 'an input of the model is bad' }) })
        return true
      }
      const inputs = step.as === 'rows' ? [stackRows(from)] : from.map(tensorOf)
      const rows = step.as === 'rows' ? from.length : 1
      outbox.push({ rows, inputs, view: viewIn(from), doubt: worst.cause, askedMs: deps.monotonicMs(), settle })
      return true
    },
  }
  return { operator, outbox }
}

/** A copy: when the request is sent, its signal has a later value. */
function tensorOf({ number, other }: Signal): Tensor {
  if (other instanceof Float64Array) return { shape: [other.length], data: other.slice() }
  if (typeof other !== 'object') return { shape: [1], data: Float64Array.of(number) }
  // No part changes it, so that no copy is needed.
  if ('shape' in other) return { shape: other.shape, data: other.values }
  if (!('rows' in other)) throw new Error('an input of a model is not a tensor')
  return { shape: [other.rows, other.columns], data: other.values.slice() }
}

function viewIn(from: readonly Signal[]): PictureView | undefined {
  const pictures = from.flatMap(({ other }) => (typeof other === 'object' && 'view' in other ? other : []))
  return pictures.find((picture) => 'shape' in picture)?.view
}

const stackRows = (from: readonly Signal[]): Tensor => join(from.map(tensorOf))

function join(tensors: readonly Tensor[]): Tensor {
  const [first, ...more] = tensors
  if (first && more.length === 0) return first
  const length = tensors.reduce((sum, tensor) => sum + tensor.data.length, 0)
  const data = first?.data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
  let at = 0
  for (const tensor of tensors) {
    data.set(tensor.data, at)
    at += tensor.data.length
  }
  return { shape: tensors[0]?.shape ?? [], data }
}

async function carry(step: ModelStep, deps: ModelDeps, asked: Asked[]): Promise<void> {
  const rows = asked.reduce((sum, one) => sum + one.rows, 0)
  const inputs = (asked[0]?.inputs ?? []).map((_, at) => {
    const joined = join(asked.flatMap((one) => one.inputs[at] ?? []))
    return { name: step.inputs?.[at], shape: [rows, ...joined.shape], data: joined.data }
  })
  const answer = await askOrFallBack(step, deps, inputs)
  let row = 0
  for (const one of asked) {
    one.settle(answer.ok ? pick(step, answer, one, { row, rows }) : answer)
    deps.latency.record(deps.monotonicMs() - one.askedMs)
    row += one.rows
  }
}

type Given =
  | (Extract<ModelAnswer, { ok: true }> & { doubt: TagCause | undefined })
  | Extract<ModelAnswer, { ok: false }>

async function askOrFallBack(step: ModelStep, deps: ModelDeps, inputs: ModelQuestion['inputs']): Promise<Given> {
  const { name, tensors } = step.output
  const outputs = tensors ?? (name === undefined ? [] : [name])
  // The fallback needs the same inputs, and a host may move them to another thread.
  const spare = step.fallback && inputs.map((input) => ({ ...input, data: input.data.slice() }))
  const answer = await askModel(step, deps, { model: step.model, version: step.version, inputs, outputs })
  if (answer.ok || !step.fallback || !spare) return answer.ok ? { ...answer, doubt: undefined } : answer
  const { model, version } = step.fallback
  const second = await askModel(step, deps, { model, version, inputs: spare, outputs })
  if (!second.ok) return answer
  const message = `${model} answered instead, because ${step.model} did not: ${answer.message}`.slice(0, 500)
  return { ...second, doubt: { code: 'model_fallback', message } }
}

/** The answer of the host, within the time of the step. */
export async function askModel(
  { timeoutMs, model }: Pick<ModelStep, 'timeoutMs' | 'model'>,
  deps: Pick<ModelDeps, 'infer' | 'signal'>,
  question: ModelQuestion,
): Promise<ModelAnswer> {
  const limit = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([deps.signal, limit])
  const ended = new Promise<ModelAnswer>((resolve) => {
    const message = () => (limit.aborted ? `${model} did not answer within ${timeoutMs} ms` : 'the flow was stopped')
    const end = () => resolve({ ok: false, code: 'model_timeout', message: message() })
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
  })
  const asked = deps
    .infer(question, signal)
    .catch((error): ModelAnswer => ({ ok: false, code: 'model_failed', message: String(error).slice(0, 500) }))
  return Promise.race([asked, ended])
}

/** YOLO gives 2.8 million numbers for 1,280 by 1,280 pixels and 80 classes. */
const ANSWER_NUMBERS_MAX = 4_000_000

type Answered = Extract<Given, { ok: true }>

function pick(
  { output, as }: ModelStep,
  { tensors, doubt: fallback }: Answered,
  { rows: count, doubt: before, view }: Asked,
  { row, rows }: { row: number; rows: number },
): Answer {
  const doubt = fallback ?? before
  if (output.tensors) return whole(tensors, view, doubt)
  const data = tensors[0]?.data ?? new Float64Array(0)
  const width = data.length / rows
  const needed = output.length ?? output.index + 1
  if (!Number.isInteger(width) || width < needed) {
    const message = `the model returned ${data.length} numbers for ${rows} rows, and each row needs ${needed}`
    return { ok: false, code: 'answer_shape', message }
  }
  if (as === 'rows' && count > 1) {
    return {
      ok: true,
      doubt,
      value: Float64Array.from({ length: count }, (_, at) => data[(row + at) * width + output.index] ?? 0),
    }
  }
  if (output.length !== undefined && output.length > 1) {
    return { ok: true, doubt, value: Float64Array.from(data.subarray(row * width, row * width + output.length)) }
  }
  return { ok: true, doubt, value: data[row * width + output.index] ?? Number.NaN }
}

/** The whole answer, for a step that reads tensors. */
function whole(given: Answered['tensors'], view: PictureView | undefined, doubt: TagCause | undefined): Answer {
  const numbers = given.reduce((sum, { data }) => sum + data.length, 0)
  if (numbers > ANSWER_NUMBERS_MAX) {
    const message = `the model returned ${numbers} numbers, more than ${ANSWER_NUMBERS_MAX}`
    return { ok: false, code: 'answer_shape', message }
  }
  const tensors = given.map(({ shape, data }) => ({ shape, values: data }))
  return { ok: true, doubt, value: { tensors, view } }
}
