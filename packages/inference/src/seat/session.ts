/**
 * Session: one loaded model on the thread that calls it. `open` and `run` block that thread, so it is never the main
 * one.
 */
import type { Serving } from '@skerry/contract/models/serving'
import { ELEMENT_BYTES, type TensorSpec } from '@skerry/contract/models/tensor'
import { elementCount, type RawTensor } from '../host/raw-tensor.ts'
import { nowUs } from '../host/run-clock.ts'
import { loadRefusal, runFailure } from '../runtime/load-refusal.ts'
import { type ModelSource, type OpenSource, openSource } from '../runtime/model-source.ts'
import { InferenceSession } from '../runtime/onnx-runtime.ts'
import { fromOrt, specOf, toOrt } from '../runtime/ort-tensor.ts'

export type Signature = { inputs: TensorSpec[]; outputs: TensorSpec[] }

/**
 * Durations of one run in microseconds, with Triton's meanings, and when it began on the clock that all threads share.
 */
export type RunTimes = { startUs: number; inputUs: number; inferUs: number; outputUs: number }

export type Session = {
  signature: Signature
  run(inputs: readonly RawTensor[], outputs: readonly string[]): Promise<{ outputs: RawTensor[]; times: RunTimes }>
  close(): Promise<void>
}

export type SessionSettings = Pick<Serving, 'threads' | 'spin' | 'warmUpRuns'>

/** Opens a model, or throws the runtime's message about it. */
export async function openSession(source: ModelSource, settings: SessionSettings): Promise<Session> {
  const opened = await withOwn(await withInlineWeights(openSource(source)), source.own)
  const session = await createReadably(opened, settings).finally(opened.forget)
  const signature = signatureOf(session)
  const open = { signature, run: runner(session), close: () => session.release() }
  await warmUp(open, settings.warmUpRuns)
  return open
}

/** Files in memory: the runtime looks for the weights of subgraphs on the disk only (onnx, inline-weights.ts). */
async function withInlineWeights(opened: OpenSource): Promise<OpenSource> {
  const { model, options, forget } = opened
  if (typeof model === 'string' || options.externalData === undefined) return opened
  // Few models have files beside them, and the others need none of this code.
  const { inlineWeights } = await import('@skerry/onnx/inline-weights')
  const inlined = inlineWeights(model, new Map(options.externalData.map(({ path, data }) => [path, data])))
  if (!inlined.ok) throw new Error(inlined.message)
  const { value } = inlined
  if (value === undefined) return opened
  const forgetAll = () => {
    forget()
    value.buffer.transfer(0)
  }
  return { model: value, options, forget: forgetAll }
}

/** Few devices have weights of their own, and the others need none of this code. */
async function withOwn(opened: OpenSource, own: ModelSource['own']): Promise<OpenSource> {
  if (!own) return opened
  const { withOwnWeights } = await import('../runtime/own-weights.ts')
  return withOwnWeights(opened, own)
}

async function createReadably(opened: OpenSource, settings: SessionSettings): Promise<InferenceSession> {
  try {
    return await createSession(opened, settings)
  } catch (cause) {
    throw new Error(await loadRefusal(messageOf(cause), opened.model), { cause })
  }
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

function createSession({ model, options }: OpenSource, settings: SessionSettings): Promise<InferenceSession> {
  const all = {
    ...options,
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    // Fatal only: errors come back as values, and must not be written a second time past the process's own log.
    logSeverityLevel: 4,
    // A spinning thread takes a core from its neighbours: with busy cores a run took three times as long.
    extra: { session: { intra_op: { allow_spinning: settings.spin ? '1' : '0' } } },
  } as const
  return typeof model === 'string' ? InferenceSession.create(model, all) : InferenceSession.create(model, all)
}

function signatureOf(session: InferenceSession): Signature {
  const inputs = session.inputMetadata.map((metadata) => {
    const spec = specOf(metadata)
    if (spec === undefined) throw new Error(`input ${metadata.name} is not a tensor of a type that can be served`)
    return spec
  })
  // A classifier's map of probabilities cannot be served, but the tensors beside it can.
  const outputs = session.outputMetadata.map(specOf).filter((spec) => spec !== undefined)
  if (outputs.length === 0) throw new Error('no output is a tensor of a type that can be served')
  return { inputs, outputs }
}

const runner =
  (session: InferenceSession): Session['run'] =>
  async (inputs, names) => {
    const startUs = nowUs()
    const feeds = Object.fromEntries(inputs.map((tensor) => [tensor.name, toOrt(tensor)]))
    const runUs = nowUs()
    const values = await session.run(feeds, names).catch((cause: unknown) => {
      throw new Error(runFailure(messageOf(cause)), { cause })
    })
    const doneUs = nowUs()
    const outputs = names.map((name) => {
      const value = values[name]
      if (value === undefined) throw new Error(`the model gave no value for output ${name}`)
      return fromOrt(name, value)
    })
    return {
      outputs,
      times: { startUs, inputUs: runUs - startUs, inferUs: doneUs - runUs, outputUs: nowUs() - doneUs },
    }
  }

/** Larger inputs would make warming up the largest thing a small device ever runs. */
const WARM_UP_BYTES_MAX = 16 * 1024 * 1024

/**
 * Zeros with every variable dimension 1. A model may reject such inputs (a width of 1 is too small to convolve): no
 * harm.
 */
async function warmUp(session: Session, runs: number): Promise<void> {
  const names = session.signature.outputs.map(({ name }) => name)
  try {
    for (let run = 0; run < runs; run++) await session.run(zeros(session.signature.inputs), names)
  } catch {
    // Real requests will show it; a model that cannot run at all fails its golden cases.
  }
}

function zeros(inputs: readonly TensorSpec[]): RawTensor[] {
  return inputs.map(({ name, datatype, shape }) => {
    const concrete = shape.map((size) => Math.max(size, size === -1 ? 1 : 0))
    const byteLength = elementCount(concrete) * (datatype === 'BYTES' ? 4 : ELEMENT_BYTES[datatype])
    if (byteLength > WARM_UP_BYTES_MAX) throw new Error(`input ${name} is too large to warm up with`)
    return { name, datatype, shape: concrete, data: new Uint8Array(byteLength) }
  })
}
