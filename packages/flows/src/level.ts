/** Level: the stage of a level, with its parts and its queue. */
import type { Flow, FlowInput } from '@skerry/contract/flows/flow'
import type { FlowShape } from '@skerry/contract/flows/flow-shape'
import { shapesOf } from '@skerry/contract/flows/flow-shapes'
import { isAsking, signalsOf } from '@skerry/contract/flows/flow-step'
import { type Instant, newSignal, type Operator, QUALITY, type Signal } from '@skerry/core/flow/signal'
import { type ModelFacts, NO_FACTS } from '@skerry/core/flow/tensors/model-facts'
import { createAskStep } from './ask-step.ts'
import type { Graph } from './graph.ts'
import type { Outbox } from './host/outbox.ts'
import { seeInstant } from './host/part-sights.ts'
import type { Sightings } from './host/sightings.ts'
import { createLatency, type Latency } from './latency.ts'
import { createModelStep, type Infer } from './model-step.ts'
import { createOperator } from './operators/create.ts'
import { createInput, type InputOperator } from './operators/input.ts'
import { createOutlet, type Tell } from './outlet.ts'
import { type Answer, copyOf, type Packet } from './packet.ts'
import { createStage, newFigures, newSignals, type Part, type PartFigures, type Stage } from './stage.ts'

export type WaitingLevel = Pick<Outbox<unknown>, 'size' | 'room' | 'idle'> & { isFull(): boolean }
export type LevelPart = {
  part: 'step' | 'sink'
  name: string
  figures: PartFigures
  latency: Latency | undefined
  outbox: WaitingLevel | undefined
}
export type LevelInput = { input: FlowInput; operator: InputOperator; figures: PartFigures }

export type Level = {
  stage: Stage
  signals: readonly Signal[]
  parts: LevelPart[]
  operators: ReadonlyMap<string, Operator>
  queue: Packet[]
  /** Places of the signals that this level makes. */
  home: readonly number[]
}

export type LevelDeps = {
  infer: Infer
  tell: Tell
  monotonicMs: () => number
  signal: AbortSignal
  /**
   * The facts for each step that uses a model's metadata. They are read at each run of such a step, because another
   * version may have other metadata.
   */
  facts: ReadonlyMap<string, ModelFacts>
  /** The operator of an unchanged step, from the previous flow. */
  kept(name: string): Operator | undefined
  /** The time that the level reached in the previous flow. */
  reachedMs(level: number): number
  /** A model has answered a packet. */
  onAnswer(level: number): void
  onPacket(level: number, packet: Packet): void
  /** Keeps the newest values for observers. */
  sightings?: Sightings | undefined
}

type Building = { flow: Flow; graph: Graph; level: number; deps: LevelDeps; shapes: ReadonlyMap<string, FlowShape> }

/** `inputs`: for the first level. The other levels have none. */
export function createLevel(
  flow: Flow,
  graph: Graph,
  level: number,
  inputs: readonly LevelInput[],
  deps: LevelDeps,
): Level {
  const it: Building = { flow, graph, level, deps, shapes: shapesOf(flow) }
  const signals = newSignals(graph.names.length)
  let packet: Packet | undefined
  const packetOf = ({ timeMs, arrivedMs }: Instant) => {
    packet ??= { timeMs, arrivedMs, copies: [], answers: [] }
    return packet
  }
  const made = [
    ...flow.steps.flatMap((step) => makeStep(it, step, signals, packetOf) ?? []),
    ...flow.sinks.flatMap((sink) => makeSink(it, sink, signals) ?? []),
  ]
  const parts = made.map(({ running }) => running)
  const placeOf = new Map(signals.map((signal, place) => [signal, place]))
  const readers = signals.map((): number[] => [])
  for (const [at, { from }] of parts.entries()) {
    for (const signal of from) readers[placeOf.get(signal) ?? 0]?.push(at)
  }
  const timers = inputs.map(({ operator }, place) => ({
    place,
    get dueMs() {
      return operator.dueMs
    },
    ring: () => operator.expire(signals[place] ?? signalMissing()),
  }))
  const home = [...signals.keys()].filter((place) => graph.levelOf[place] === level)
  const stage = createStage({ signals, parts, readers, timers }, deps.reachedMs(level), (instant) => {
    for (const place of graph.exports[level] ?? []) {
      const signal = signals[place]
      if (signal?.instant === instant.id) packetOf(instant).copies.push({ place, signal: copyOf(signal) })
    }
    if (packet) deps.onPacket(level + 1, packet)
    packet = undefined
    if (deps.sightings?.isOpen) seeInstant(deps.sightings, { home, signals }, instant)
  })
  const operators = new Map(
    made.flatMap(({ part, running }) => (part.part === 'step' ? [[running.name, running.operator] as const] : [])),
  )
  return { stage, signals, parts: made.map(({ part }) => part), operators, queue: [], home }
}

const signalMissing = (): never => {
  throw new Error('a signal has no place')
}

type Made = { running: Part; part: LevelPart }
/** The output of models and sinks: they produce no signal here. */
const NOWHERE: Signal = { ...newSignal(), quality: QUALITY.good }

function makeStep(
  { graph, level, deps, shapes }: Building,
  step: Flow['steps'][number],
  signals: readonly Signal[],
  packetOf: (instant: Instant) => Packet,
): Made | undefined {
  const names = signalsOf(step)
  const places = names.map((name) => graph.placeOf.get(name) ?? 0)
  if (Math.max(...places.map((place) => graph.levelOf[place] ?? 0)) !== level) return undefined
  const from = places.map((place) => signals[place] ?? signalMissing())
  const figures = newFigures()
  const { name } = step
  const place = graph.placeOf.get(name) ?? 0
  if (!isAsking(step)) {
    const shape = shapes.get(names[0] ?? '') ?? { kind: 'number' }
    const operator = deps.kept(name) ?? createOperator(step, shape, () => deps.facts.get(name) ?? NO_FACTS)
    const running = { name, from, operator, out: signals[place] ?? signalMissing(), figures }
    return { running, part: { part: 'step', name, figures, latency: undefined, outbox: undefined } }
  }
  const latency = createLatency()
  const reserve = (instant: Instant) => {
    const entry: Packet['answers'][number] = { place, answer: undefined }
    packetOf(instant).answers.push(entry)
    return (answer: Answer) => {
      entry.answer = answer
      if (answer.ok === false) figures.bad += 1
      deps.onAnswer(level + 1)
    }
  }
  const { infer, monotonicMs, signal } = deps
  const asking = { infer, monotonicMs, latency, signal, reserve }
  const { operator, outbox } = step.kind === 'ask' ? createAskStep(step, asking) : createModelStep(step, asking)
  const running = { name, from, operator, out: NOWHERE, figures }
  return { running, part: { part: 'step', name, figures, latency, outbox: waiting(outbox, step.queue.max) } }
}

function makeSink(
  { graph, level, deps }: Building,
  sink: Flow['sinks'][number],
  signals: readonly Signal[],
): Made | undefined {
  const place = graph.placeOf.get(sink.from) ?? 0
  if (graph.levelOf[place] !== level) return undefined
  const figures = newFigures()
  const latency = createLatency()
  const { tell, monotonicMs } = deps
  const onRefused = () => {
    figures.bad += 1
  }
  const { operator, outbox } = createOutlet(sink, { tell, monotonicMs, latency, onRefused })
  const { name } = sink
  const running = {
    name,
    from: [signals[place] ?? signalMissing()],
    operator,
    out: NOWHERE,
    figures,
  }
  return { running, part: { part: 'sink', name, figures, latency, outbox: waiting(outbox, sink.queue.max) } }
}

function waiting(outbox: Outbox<never> | WaitingLevel, max: number): WaitingLevel {
  return {
    get size() {
      return outbox.size
    },
    isFull: () => outbox.size >= max,
    room: () => outbox.room(),
    idle: () => outbox.idle(),
  }
}

export const newInputs = (flow: Flow, kept: (name: string) => InputOperator | undefined): LevelInput[] =>
  flow.inputs.map((input) => ({ input, operator: kept(input.name) ?? createInput(input), figures: newFigures() }))
