/**
 * Flow host: runs a flow in a thread of its own, starts it anew after it crashed or fell silent, and leaves it alone when it does so again and again.
 * What a flow asks of models and tells to sinks passes through here; the thread itself reaches nothing outside.
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
import { factsOfSteps } from '../step-facts.ts'
import type { FlowOrder, FlowQuestions, FromFlow, SightQuestions, ToFlow } from './flow-message.ts'
import { createPartHistory, type FlowSight, type PartHistory, SIGHT_MAX_MS } from './flow-sight.ts'
import { answerOf } from './infer-way.ts'

/** It speaks every second. One that has not for so long computes something that never ends. */
const SILENCE_MAX_MS = 10_000

/** Until it first speaks: it has to load its code, which a small device that has just started does beside much else. */
const START_MAX_MS = 60_000

/** One that computes hears nothing. */
const STOP_MAX_MS = 2_000

/** Windows are outside of the heap; what is in it are expressions, and lists of a million at most. */
const HEAP_MB = 128
const YOUNG_MB = 8

/** Pictures that a flow has not begun with: the next are left out, so that what it looks at is never old. */
const IMAGES_UNTAKEN_MAX = 1

/** Batches that were not worked through yet: seconds of a source. What comes then is lost, and counted. */
const UNTAKEN_MAX = 64

/** People who look at one flow at once. A look ends within a second, and those above see the figures alone. */
const LOOKS_MAX = 256

export type FlowDeps = {
  clock: Clock
  random: () => number
  infer: Infer
  /** To a sink of the place, or to the hub. */
  send(sink: Exclude<FlowSink, { kind: 'tag' }>, output: FlowOutput): Promise<TellOutcome>
  write(source: string, tag: string, value: TagContent): Promise<TellOutcome>
  factsOf(model: string): ModelFacts | undefined
  onState(state: FlowState): void
  /** What runs in place of the flow's own thread, in tests of what becomes of one that crashes. */
  thread?: URL
  /** How long a thread may say nothing once it has begun. */
  silenceMaxMs?: number
}

export type FlowHost = AsyncDisposable & {
  /** Samples of one reading. Those that the flow has no input for are left out. */
  feed(samples: Iterable<FlowSample>): void
  /** As `feed`, for who has numbers and no objects: what `fill` adds is one reading. */
  fill(fill: (builder: BatchBuilder) => void): void
  /** Takes the place of the flow; what is the same in both goes on with what it remembers. */
  update(flow: Flow): void
  /** Another version of a model may be there, which says something else of itself. Gives why that cannot be gone by: then what was known before stands. */
  learn(): TagCause | undefined
  figures(): FlowFigures
  /** With rates, and the newest values: from now on the thread keeps those for a while. */
  look(): Promise<FlowSight>
}

type Hosting = {
  flow: Flow
  deps: FlowDeps
  builder: BatchBuilder
  stop: AbortController
  state: FlowState
  thread: Running | undefined
  /** How many its thread was sent. */
  updates: number
  parts: FlowPartFigures[]
  reachedMs: number | undefined
  /** Those that were not worked through yet, in their order: whether there are pictures in them. */
  untaken: boolean[]
  lost: number
  /** By then the thread has to say something. */
  speakByMs: number
  history: PartHistory
}

type Running = { worker: Worker; asking: Asking<SightQuestions> }

/** Starts its thread. */
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
      // A thread that is started anew says why it cannot run it.
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

/** The sights of the thread; undefined if there is no thread, or if it does not answer in a moment. */
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
  const steps = factsOfSteps(flow, deps.factsOf)
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

/** Gives why the thread ended. */
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

/** Ends a thread that has not been heard for too long; whether it did. */
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
      // Of the flow before, which say nothing of this one.
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
  if (sink.kind !== 'tag') return deps.send(sink, output)
  // The engine keeps what is bad from tags.
  if (output.quality === 'bad') return Promise.resolve(GONE)
  return deps.write(sink.source, sink.tag, sink.as === 'bool' ? asTruth(output.value) : output.value)
}

/** Of a vector each number by itself. */
const asTruth = (value: FlowContent) => (Array.isArray(value) ? value.map((one) => one !== 0) : value !== 0)
