/**
 * Flow host: runs a flow in a thread of its own. It restarts the thread after a crash or silence, and stops if that
 * repeats. All requests of a flow to models and sinks pass through here. The thread itself reaches nothing outside.
 */
import { Worker } from 'node:worker_threads'
import type { Flow, FlowSink } from '@skerry/contract/flows/flow'
import type { FlowFigures, FlowPartFigures, FlowState } from '@skerry/contract/flows/flow-figures'
import type { FlowContent, FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import type { TagCause, TagContent } from '@skerry/contract/sources/tag'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import { type Answerers, type Asking, answerQuestion, createAsking } from '@skerry/platform/process/asking'
import type { Clock } from '@skerry/platform/process/clock'
import { type Supervised, supervise, whenThreadEnds } from '@skerry/platform/process/supervise'
import type { Infer } from '../model-step.ts'
import type { TellOutcome } from '../outlet.ts'
import { type BatchBuilder, createBatchBuilder } from '../sample-batch.ts'
import { factsOfSteps, type TableOf } from '../step-facts.ts'
import type { FlowOrder, FlowQuestions, FromFlow, SightQuestions, ToFlow } from './flow-message.ts'
import { createPartHistory, type FlowSight, type PartHistory, SIGHT_MAX_MS } from './flow-sight.ts'
import { answerOf } from './infer-way.ts'

/**
 * In milliseconds. The thread reports every second. A thread that is silent for this time has an endless computation.
 */
const SILENCE_MAX_MS = 10_000

/**
 * In milliseconds, until the thread's first message. It must load its code, which takes long during the start of a
 * small device.
 */
const START_MAX_MS = 60_000

/** In milliseconds. A thread that computes receives no messages. */
const STOP_MAX_MS = 2_000

/** In megabytes. Windows are outside of the heap. It holds expressions, and lists of at most a million. */
const HEAP_MB = 128
const YOUNG_MB = 8

/**
 * Pictures that a flow has not begun to process. Further pictures are left out, so that the flow never processes old
 * ones.
 */
const IMAGES_UNTAKEN_MAX = 1

/** Unprocessed batches: seconds of a source. Further samples are lost, and counted. */
const UNTAKEN_MAX = 64

/**
 * People who look at one flow at once. A look ends within a second. Beyond this number, people see only the figures.
 */
const LOOKS_MAX = 256

export type FlowDeps = {
  clock: Clock
  random: () => number
  infer: Infer
  /** Sends a value to a sink of the site, or to the hub. */
  send(sink: Exclude<FlowSink, { kind: 'tag' }>, output: FlowOutput): Promise<TellOutcome>
  write(source: string, tag: string, value: TagContent): Promise<TellOutcome>
  /** A value leaves for a sink. */
  onTold?(sink: FlowSink, output: FlowOutput): void
  factsOf(model: string): ModelFacts | undefined
  /** Absent if there are no data here. */
  tableOf?: TableOf | undefined
  onState(state: FlowState): void
  /** Replaces the flow's own thread in tests of crashes. */
  thread?: URL
  /** The longest silence of a thread after its first message. */
  silenceMaxMs?: number
}

export type FlowHost = AsyncDisposable & {
  /** Takes the samples of one reading. Samples without an input of the flow are left out. */
  feed(samples: Iterable<FlowSample>): void
  /** As `feed`, for callers with numbers and no objects. All samples that `fill` adds are one reading. */
  fill(fill: (builder: BatchBuilder) => void): void
  /** Replaces the flow. Parts that are the same in both keep their memory. */
  update(flow: Flow): void
  /**
   * A model may have another version with other metadata. Returns the reason if the flow cannot use the new metadata:
   * it then keeps the old one.
   */
  learn(): TagCause | undefined
  figures(): FlowFigures
  /** Includes rates and the newest values. From now on the thread keeps values for a while. */
  look(): Promise<FlowSight>
}

type Hosting = {
  flow: Flow
  deps: FlowDeps
  builder: BatchBuilder
  stop: AbortController
  state: FlowState
  thread: Running | undefined
  /** The number of updates that its thread was sent. */
  updates: number
  parts: FlowPartFigures[]
  reachedMs: number | undefined
  /** Unprocessed batches, in their order: whether they contain pictures. */
  untaken: boolean[]
  lost: number
  /** The time by which the thread must report. */
  speakByMs: number
  history: PartHistory
}

type Running = { worker: Worker; asking: Asking<SightQuestions> }

/** Starts the thread of the flow. */
export function startFlow(flow: Flow, deps: FlowDeps): FlowHost {
  const it: Hosting = {
    history: createPartHistory(deps.clock.monotonicMs),
    flow,
    deps,
    builder: createBatchBuilder(flow),
    stop: new AbortController(),
    state: { kind: 'starting' },
    thread: undefined,
    updates: 0,
    parts: [],
    reachedMs: undefined,
    untaken: [],
    lost: 0,
    speakByMs: 0,
  }
  const supervision = supervise(supervised(it), deps, it.stop.signal)
  const fill: FlowHost['fill'] = (add) => {
    add(it.builder)
    if (it.builder.count > 0) pass(it)
  }
  return {
    fill,
    feed: (samples) => fill((builder) => samplesInto(builder, samples)),
    update(next) {
      const order = orderOf(it, next)
      it.flow = next
      it.builder = createBatchBuilder(next)
      it.updates += 1
      if (order.ok) send(it, { kind: 'update', order: order.order })
      // After its restart, the host gives the reason why it cannot run the flow.
      else void it.thread?.worker.terminate()
    },
    learn: () => learn(it),
    figures: () => ({ ...figuresOf(it, supervision.crashes()), parts: it.parts }),
    async look() {
      const seen = await see(it)
      return {
        ...figuresOf(it, supervision.crashes()),
        sinks: it.flow.sinks,
        parts: it.history.looks(seen?.parts ?? it.parts),
        ...(seen && { countedFromMs: Math.floor(seen.countedFromMs) }),
      }
    },
    async [Symbol.asyncDispose]() {
      it.stop.abort()
      send(it, { kind: 'stop' })
      const kill = setTimeout(() => void it.thread?.worker.terminate(), STOP_MAX_MS)
      await supervision.over
      clearTimeout(kill)
    },
  }
}

function learn(it: Hosting): TagCause | undefined {
  const order = orderOf(it, it.flow)
  if (!order.ok) return { code: order.code, message: order.message }
  send(it, { kind: 'know', facts: order.order.facts })
  return undefined
}

const figuresOf = (it: Hosting, crashes: number): Omit<FlowFigures, 'parts'> => ({
  flow: it.flow.name,
  state: it.state,
  crashes,
  lost: it.lost,
  ...(it.reachedMs === undefined ? {} : { reachedMs: it.reachedMs }),
})

/** The sights of the thread. Undefined if there is no thread, or if it does not answer in a moment. */
async function see({ thread }: Hosting) {
  const asked = await thread?.asking.ask('look', undefined, { timeoutMs: SIGHT_MAX_MS })
  return asked?.ok ? asked.answer : undefined
}

function samplesInto(builder: BatchBuilder, samples: Iterable<FlowSample>): void {
  for (const sample of samples) builder.add(sample)
}

const send = (it: Hosting, message: ToFlow, move: ArrayBuffer[] = []) => it.thread?.worker.postMessage(message, move)

function pass(it: Hosting): void {
  const batch = it.builder.take()
  const images = it.untaken.filter((hasImages) => hasImages).length
  const isTooMuch = it.untaken.length >= UNTAKEN_MAX || (batch.hasImages && images >= IMAGES_UNTAKEN_MAX)
  if (!it.thread || isTooMuch) {
    it.lost += batch.count
    return
  }
  it.untaken.push(batch.hasImages)
  const { places, qualities, numbers, eventsMs, receivedMs } = batch
  const columns = [places, qualities, numbers, eventsMs, receivedMs].map(({ buffer }) => buffer)
  send(it, { kind: 'batch', batch }, columns)
}

type Order = { ok: true; order: FlowOrder } | { ok: false; code: string; message: string }

function orderOf({ deps }: Hosting, flow: Flow): Order {
  const steps = factsOfSteps(flow, deps.factsOf, deps.tableOf)
  return steps.ok ? { ok: true, order: { flow, facts: steps.facts } } : steps
}

function supervised(it: Hosting): Supervised<TagCause> {
  return {
    run() {
      const order = orderOf(it, it.flow)
      return order.ok ? runThread(it, order.order) : Promise.resolve({ code: order.code, message: order.message })
    },
    onEnd: (kind, cause) => enter(it, { kind, cause }),
  }
}

function enter(it: Hosting, state: FlowState): void {
  it.state = state
  it.deps.onState(state)
}

const THREAD = new URL(`./flow-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Resolves with the reason why the thread ended. */
async function runThread(it: Hosting, order: FlowOrder): Promise<TagCause> {
  const { clock } = it.deps
  enter(it, { kind: 'starting' })
  const worker = new Worker(it.deps.thread ?? THREAD, {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  const asking = createAsking<SightQuestions>({
    inFlightMax: LOOKS_MAX,
    send: (message) => worker.postMessage(message),
  })
  it.thread = { worker, asking }
  it.updates = 0
  it.untaken = []
  it.speakByMs = clock.monotonicMs() + START_MAX_MS
  worker.on('message', (said: FromFlow) => hear(it, said))
  const ended = new AbortController()
  const watching = watchSilence(it, worker, AbortSignal.any([it.stop.signal, ended.signal]))
  const message = await whenThreadEnds(worker)
  it.thread = undefined
  asking.end(message)
  ended.abort()
  return (await watching) ? SILENT : { code: 'flow_crashed', message }
}

const SILENT = { code: 'flow_silent', message: 'a step did not end; check expressions that may never end' }

/** Ends a thread that was silent for too long. Resolves with whether it did so. */
async function watchSilence(it: Hosting, thread: Worker, signal: AbortSignal): Promise<boolean> {
  const { clock, silenceMaxMs = SILENCE_MAX_MS } = it.deps
  while (!signal.aborted) {
    const leftMs = it.speakByMs - clock.monotonicMs()
    if (leftMs <= 0) {
      await thread.terminate()
      return true
    }
    await clock.sleep(Math.min(leftMs, silenceMaxMs), signal).catch(() => undefined)
  }
  return false
}

function hear(it: Hosting, said: FromFlow): void {
  const { clock, silenceMaxMs = SILENCE_MAX_MS } = it.deps
  it.speakByMs = clock.monotonicMs() + silenceMaxMs
  switch (said.kind) {
    case 'taken':
      it.untaken.shift()
      return
    case 'question':
      void answerQuestion(answerersOf(it), said, (answer) => send(it, answer))
      return
    case 'answer':
      it.thread?.asking.answered(said)
      return
    case 'figures':
      if (it.state.kind !== 'running') enter(it, { kind: 'running' })
      // These figures belong to the previous flow, not to this one.
      if (said.updates !== it.updates) return
      it.history.push(said.parts)
      it.parts = said.parts
      it.reachedMs = Number.isFinite(said.reachedMs) ? Math.round(said.reachedMs) : undefined
  }
}

const answerersOf = (it: Hosting): Answerers<FlowQuestions> => ({
  infer: (question) => answerOf(it.deps.infer, question, it.stop.signal),
  tell: (output) => tell(it, output),
})

function tell(it: Hosting, output: FlowOutput): Promise<TellOutcome> {
  const sink = it.flow.sinks.find(({ name }) => name === output.sink)
  return (sink ? carry(it, sink, output) : Promise.resolve(GONE)).catch((error) => ({
    ok: false as const,
    code: 'sink_failed',
    message: String(error).slice(0, 500),
  }))
}

const GONE: TellOutcome = { ok: false, code: 'sink_unknown', message: 'the flow no longer has such a sink' }

function carry({ deps }: Hosting, sink: FlowSink, output: FlowOutput): Promise<TellOutcome> {
  deps.onTold?.(sink, output)
  if (sink.kind !== 'tag') return deps.send(sink, output)
  // The engine sends no bad values to tags.
  if (output.quality === 'bad') return Promise.resolve(GONE)
  return deps.write(sink.source, sink.tag, sink.as === 'bool' ? asTruth(output.value) : output.value)
}

/** Converts each number of a vector separately. */
const asTruth = (value: FlowContent) => (Array.isArray(value) ? value.map((one) => one !== 0) : value !== 0)
