/**
 * Sink worker: runs one sink with its queue. If a protocol's library throws outside of any call, only this thread ends.
 */
import { mkdirSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { type Answerers, answerQuestion, createAsking } from '@skerry/platform/process/asking'
import { systemClock } from '@skerry/platform/process/clock'
import { openLeaseGate } from '@skerry/platform/process/lease-gate'
import { createForwarder } from '../forwarding/forwarder.ts'
import { openForwardQueue } from '../forwarding/queue.ts'
import type { HubTelemetry, SinkDeps } from '../sink.ts'
import {
  type FromSink,
  type HubQuestions,
  type OfferQuestions,
  queuePathOf,
  type SinkThreadOrder,
  type ToSink,
} from './sink-state.ts'
import { openSink } from './sinks.ts'

/** In milliseconds: often enough for a person who watches. */
const FIGURES_MS = 1_000

/** An attempt over the link costs no network. Waiting values should go out soon after the link is back. */
const HUB_RETRY_MAX_MS = 10_000

/** A sink sends one batch after the other. Each abandoned round may leave one more request open. */
const HUB_ASKED_MAX = 64

const port = parentPort
if (!port) throw new Error('this is started as a thread')
const stop = new AbortController()
const say = (message: FromSink) => port.postMessage(message)

// The host parsed this data before it started the thread.
const { sink, folder, secrets, handed, gate } = workerData as SinkThreadOrder
const asking = createAsking<HubQuestions>({ inFlightMax: HUB_ASKED_MAX, send: say })

const hub: HubTelemetry = async (batch, signal) => {
  const asked = await asking.ask('telemetry', batch, { signal })
  return asked.ok ? asked.answer : { kind: 'away', message: asked.message }
}

const deps: SinkDeps = {
  clock: systemClock,
  random: Math.random,
  folder,
  secrets,
  hub,
  onCommand: (command) => say({ kind: 'command', command }),
}

mkdirSync(folder, { recursive: true })
const queue = openForwardQueue({
  path: queuePathOf({ sink, folder }),
  handed,
  limits: sink.queue,
  valuesMax: sink.batch.valuesMax,
  clock: systemClock,
})
const forwarder = createForwarder(sink, {
  clock: systemClock,
  random: Math.random,
  queue,
  open: (signal) => openSink(sink, deps, signal),
  onState: (state) => say({ kind: 'state', state }),
  ...(gate && { gate: openLeaseGate(gate) }),
  ...(sink.protocol === 'hub' && { retryMaxMs: HUB_RETRY_MAX_MS }),
})

port.on('message', (message: ToSink) => {
  if (message.kind === 'stop') stop.abort()
  else if (message.kind === 'answer') asking.answered(message)
  else void answerQuestion(answerers, message, say)
})

const answerers: Answerers<OfferQuestions> = {
  offer: ({ values, priority }) => forwarder.offer(values, priority),
}

const tell = () => say({ kind: 'figures', figures: forwarder.figures(), losses: forwarder.losses() })
const figures = setInterval(tell, FIGURES_MS)
try {
  await forwarder.run(stop.signal)
  tell()
} finally {
  clearInterval(figures)
  queue[Symbol.dispose]()
  port.close()
}
