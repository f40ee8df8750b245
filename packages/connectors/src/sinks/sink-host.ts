/**
 * Sink host: runs a sink with its queue in a thread of its own. It restarts the thread after a crash, and stops if
 * crashes repeat. Before the host hands over values, it counts them in a file. If the thread or process ends before
 * values are on the disk, the queue counts them as lost when it opens again.
 */
import { Worker } from 'node:worker_threads'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import { type Answerers, type Asking, answerQuestion, createAsking } from '@skerry/platform/process/asking'
import type { Clock } from '@skerry/platform/process/clock'
import { type Supervised, supervise, whenThreadEnds } from '@skerry/platform/process/supervise'
import type { ForwardFigures } from '../forwarding/forwarder.ts'
import { type HandOver, openHandOver } from '../forwarding/hand-over.ts'
import type { HubAnswer, HubTelemetry, SinkCommand } from '../sink.ts'
import {
  type FromSink,
  type HubQuestions,
  type OfferQuestions,
  queuePathOf,
  type SinkOrder,
  type SinkState,
  type SinkThreadOrder,
  type ToSink,
} from './sink-state.ts'

const HEAP_MB = 256

/**
 * Handed-over values that are not on the disk yet: some seconds of the largest flow. Further values are lost, and
 * counted.
 */
const UNSTORED_MAX = 100_000

export type SinkHostDeps = {
  clock: Clock
  random: () => number
  onState(state: SinkState): void
  /** The way to the hub, for a sink that sends there. */
  hub?: HubTelemetry
  /** A remote client wants to write a tag, and the sink allows it. */
  onCommand?(command: SinkCommand): void
  /** Replaces the sink's own thread in tests of crashes. */
  thread?: URL
}

export type SinkFigures = {
  crashes: number
  /**
   * Values that did not reach the queue. The queue counts them among its own losses when it opens again. Then this
   * count no longer includes them.
   */
  unstored: number
  /** Undefined until the thread has reported it. */
  forward: ForwardFigures | undefined
  losses: Loss[]
}

export type SinkHost = AsyncDisposable & {
  state(): SinkState
  figures(): SinkFigures
  /** Resolves when the values are on the disk, or when it is certain that they are not. `lost` is then their number. */
  offer(values: readonly SinkValue[], priority: Priority): Promise<{ lost: number }>
}

type Running = { worker: Worker; asking: Asking<OfferQuestions> }

type Hosting = {
  order: SinkOrder
  deps: SinkHostDeps
  stop: AbortController
  state: SinkState
  thread: Running | undefined
  /** Values of offers that have no answer yet. */
  offeredCount: number
  handOver: HandOver
  lastHandOver: number
  /** The part of `unstored` that this run of the thread counts when it opens its queue. */
  toBook: number
  figures: SinkFigures
}

/** Starts the thread of the sink. */
export function startSink(order: SinkOrder, deps: SinkHostDeps): SinkHost {
  const it: Hosting = {
    order,
    deps,
    stop: new AbortController(),
    state: { kind: 'connecting' },
    thread: undefined,
    offeredCount: 0,
    handOver: openHandOver(`${queuePathOf(order)}.handed`),
    lastHandOver: 0,
    toBook: 0,
    figures: { crashes: 0, unstored: 0, forward: undefined, losses: [] },
  }
  const supervision = supervise(supervised(it), deps, it.stop.signal)
  return {
    state: () => it.state,
    figures: () => ({ ...it.figures, crashes: supervision.crashes() }),
    offer: (values, priority) => offer(it, values, priority),
    async [Symbol.asyncDispose]() {
      it.stop.abort()
      send(it, { kind: 'stop' })
      await supervision.over
      it.handOver[Symbol.dispose]()
    },
  }
}

async function offer(it: Hosting, values: readonly SinkValue[], priority: Priority): Promise<{ lost: number }> {
  if (values.length === 0) return { lost: 0 }
  it.lastHandOver += 1
  const handOver = it.lastHandOver
  it.handOver.advance(values, priority, handOver)
  if (!it.thread || it.offeredCount + values.length > UNSTORED_MAX) {
    it.figures.unstored += values.length
    return { lost: values.length }
  }
  it.offeredCount += values.length
  const asked = await it.thread.asking.ask('offer', { values, priority })
  it.offeredCount -= values.length
  if (asked.ok && it.figures.unstored === 0) it.handOver.stored(handOver)
  if (asked.ok) return asked.answer
  // Some of the values may have reached the disk. The queue finds out when it opens again. Until then they count as
  // lost.
  it.figures.unstored += values.length
  return { lost: values.length }
}

const send = (it: Hosting, message: ToSink) => it.thread?.worker.postMessage(message)

function supervised(it: Hosting): Supervised<string> {
  return {
    run: () => runThread(it),
    onEnd: (kind, message) => enter(it, { kind, cause: { code: 'connector_crashed', message } }),
  }
}

const THREAD = new URL(`./sink-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Resolves with the reason why the thread ended. */
async function runThread(it: Hosting): Promise<string> {
  const workerData: SinkThreadOrder = { ...it.order, handed: it.handOver.handed() }
  it.toBook = it.figures.unstored
  const worker = new Worker(it.deps.thread ?? THREAD, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const asking = createAsking<OfferQuestions>({
    inFlightMax: UNSTORED_MAX,
    send: (message) => worker.postMessage(message),
  })
  it.thread = { worker, asking }
  worker.on('message', (said: FromSink) => hear(it, said))
  const message = await whenThreadEnds(worker)
  it.thread = undefined
  // The lost offers are counted before the thread restarts, because the restart opens the queue.
  asking.end(message)
  return message
}

function hear(it: Hosting, said: FromSink): void {
  // The thread opens its queue before it sends its first message.
  it.handOver.known()
  switch (said.kind) {
    case 'answer':
      it.thread?.asking.answered(said)
      return
    case 'state':
      enter(it, said.state)
      return
    case 'question':
      void answerQuestion(answerersOf(it), said, (answer) => send(it, answer))
      return
    case 'command':
      it.deps.onCommand?.(said.command)
      return
    case 'figures':
      it.figures.forward = said.figures
      it.figures.losses = said.losses
      it.figures.unstored -= it.toBook
      it.toBook = 0
  }
}

const answerersOf = (it: Hosting): Answerers<HubQuestions> => ({ telemetry: (batch) => askHub(it, batch) })

async function askHub(it: Hosting, batch: TelemetryBatch): Promise<HubAnswer> {
  const away = (message: string): HubAnswer => ({ kind: 'away', message })
  const asked = it.deps.hub?.(batch, it.stop.signal) ?? away('this process has no connection to the hub')
  return Promise.resolve(asked).catch((error: unknown) => away(String(error)))
}

function enter(it: Hosting, state: SinkState): void {
  it.state = state
  it.deps.onState(state)
}
