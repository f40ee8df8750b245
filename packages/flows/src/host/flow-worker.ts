/** Flow worker: runs one flow. Everything outside is asked of whoever started the thread; an expression that never ends keeps this thread only. */
import { parentPort, workerData } from 'node:worker_threads'
import { FLOW_SINKS_MAX } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { seenOutput } from '@skerry/core/flow/seen-value'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import { type Answerers, answerQuestion, createAsking } from '@skerry/platform/process/asking'
import { systemClock } from '@skerry/platform/process/clock'
import { createEngine, type Engine, type EngineDeps } from '../engine.ts'
import type { FlowOrder, FlowQuestions, FromFlow, SightQuestions, ToFlow } from './flow-message.ts'
import { inferBy, MODELS_ASKED_MAX } from './infer-way.ts'
import { sightsOf } from './part-sights.ts'
import { createSightings, type Sightings } from './sightings.ts'

/** How much later than need be something ends that ends in silence. */
const TICK_MS = 50

const FIGURES_MS = 1_000

const port = parentPort
if (!port) throw new Error('this is started as a thread')
const stop = new AbortController()
const say = (message: FromFlow) => port.postMessage(message)
/** A sink is told one output after the other, as models are asked. */
const asking = createAsking<FlowQuestions>({ inFlightMax: MODELS_ASKED_MAX + 2 * FLOW_SINKS_MAX, send: say })

/** One for the life of the thread: what goes on as it was, from a flow before, looks here, too. */
const known = new Map<string, ModelFacts>()
function know(facts: FlowOrder['facts']): void {
  known.clear()
  for (const [step, said] of facts) known.set(step, said)
}

const deps: EngineDeps = {
  facts: known,
  monotonicMs: () => systemClock.monotonicMs(),
  signal: stop.signal,
  haste: 'live',
  infer: inferBy((question, signal) => asking.ask('infer', question, { signal })),
  async tell(_sink, output) {
    seeTold(output)
    const asked = await asking.ask('tell', output)
    return asked.ok ? asked.answer : { ok: false, code: 'sink_failed', message: asked.message }
  },
}

/** What each sink was told last, and what is kept for whoever looks. */
const told = new Map<string, FlowOutput>()
let sightings: Sightings | undefined
let countedFromMs = 0

function seeTold(output: FlowOutput): void {
  told.set(output.sink, output)
  const { inputs, steps, sinks } = engine.flow
  const place = inputs.length + steps.length + sinks.findIndex(({ name }) => name === output.sink)
  if (sightings?.isOpen) sightings.see(place, seenOutput(output))
}

function start({ flow, facts }: FlowOrder, before?: Engine): Engine {
  sightings = createSightings(flow, deps.monotonicMs)
  countedFromMs = systemClock.nowMs()
  know(facts)
  return createEngine(flow, { ...deps, before, sightings })
}

// Whoever started the thread has parsed it.
let engine = start(workerData as FlowOrder)
let updates = 0

const answerers: Answerers<SightQuestions> = {
  look: () => ({ parts: sightings ? sightsOf(engine, sightings, told) : [], countedFromMs }),
}

/** One after the other: what came before an update belongs to the flow before it. */
let last = Promise.resolve()
function then(work: () => Promise<void>): void {
  last = last.then(work)
}

port.on('message', (message: ToFlow) => {
  switch (message.kind) {
    case 'batch':
      then(async () => {
        await engine.feed(message.batch)
        say({ kind: 'taken' })
      })
      return
    case 'answer':
      asking.answered(message)
      return
    case 'update':
      then(async () => {
        await engine.idle()
        engine = start(message.order, engine)
        updates += 1
      })
      return
    case 'know':
      then(async () => know(message.facts))
      return
    case 'question':
      void answerQuestion(answerers, message, say)
      return
    case 'stop':
      stop.abort()
      clearInterval(ticks)
      clearInterval(figures)
      tellFigures()
      port.close()
  }
})

const ticks = setInterval(() => then(() => engine.tick(systemClock.nowMs())), TICK_MS)
const tellFigures = () => {
  sightings?.closeIfLeft()
  say({ kind: 'figures', updates, parts: engine.figures(), reachedMs: engine.reachedMs() })
}
const figures = setInterval(tellFigures, FIGURES_MS)
tellFigures()
