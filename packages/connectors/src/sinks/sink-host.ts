/**
 * Sink host: runs a sink with its queue in a thread of its own, starts it anew after it crashed, and leaves it alone when it does so again and again. Each
 * value is counted before it is handed over, in a file: what is not on the disk when the thread ends, or the process is killed, the queue counts as lost when
 * it is opened again.
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

/** Values that have been handed over and are not on the disk yet: some seconds of the largest flow. What comes then is lost, and counted. */
const UNSTORED_MAX = 100_000

export type SinkHostDeps = {
  clock: Clock
  random: () => number
  onState(state: SinkState): void
  /** The way to the hub, for a sink that sends there. */
  hub?: HubTelemetry
  /** Somebody on the other side wants a tag written, where the sink lets him. */
  onCommand?(command: SinkCommand): void
  /** What runs in place of the sink's own thread, in tests of what becomes of one that crashes. */
  thread?: URL
}

export type SinkFigures = {
  crashes: number
  /** Values that did not reach the queue; it counts them among its own losses when it is opened the next time, and then they are not here any more. */
  unstored: number
  /** Undefined until the thread has said so. */
  forward: ForwardFigures | undefined
  losses: Loss[]
}

export type SinkHost = AsyncDisposable & {
  state(): SinkState
  figures(): SinkFigures
  /** Resolves when the values are on the disk, or are known not to be: then it says how many. */
  offer(values: readonly SinkValue[], priority: Priority): Promise<{ lost: number }>
}

type Running = { worker: Worker; asking: Asking<OfferQuestions> }

type Hosting = {
  order: SinkOrder
  deps: SinkHostDeps
  stop: AbortController
  state: SinkState
  thread: Running | undefined
  /** Values whose offer has no answer yet. */
  offeredCount: number
  handOver: HandOver
  lastHandOver: number
  /** Of `unstored`: what this life of the thread counts when it opens its queue. */
  toBook: number
  figures: SinkFigures
}

/** Starts its thread. */
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
  // Some of them may have reached the disk; the queue knows when it is opened again. Until then they count as lost.
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

/** Gives why the thread ended. */
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
  // The offers that are lost here are counted before the thread is begun anew, which opens the queue.
  asking.end(message)
  return message
}

function hear(it: Hosting, said: FromSink): void {
  // It opens its queue before it says anything.
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
