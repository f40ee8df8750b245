/**
 * Flow slots: the flows of a runner process. They are loaded beside each other as models are, with one live flow for
 * each name. When a live flow changes its version, its windows keep their values if the shape allows that. A flow that
 * is not live reaches nothing outside. Invariants: a name has at most one live flow, and gets its inputs exactly while
 * it is live.
 */
import { Flow, type FlowSink } from '@skerry/contract/flows/flow'
import type { FlowFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowPartLook } from '@skerry/contract/flows/flow-look'
import type { Source } from '@skerry/contract/sources/source'
import { parseText } from '@skerry/contract/values/parse-text'
import type { SignalOrigin } from '@skerry/core/flow/signal-origin'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import { expressionProblems } from '@skerry/flows/expression-problems'
import { type FlowHost, startFlow } from '@skerry/flows/host/flow-host'
import type { FlowSight } from '@skerry/flows/host/flow-sight'
import type { ModelAnswer } from '@skerry/flows/model-step'
import { factsOfSteps, type TableOf } from '@skerry/flows/step-facts'
import { readSource, type SourceFile } from '@skerry/inference/runtime/model-source'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { RunnerAnswer, SlotPulse } from '../runner-message.ts'
import type { FlowBoard } from './flow-board.ts'
import { createFlowTally, type FlowTally } from './flow-counts.ts'
import { feedFlow } from './flow-feed.ts'
import type { FlowQuestion } from './flow-infer.ts'
import { createFlowOrigins, type FlowOrigins } from './flow-origins.ts'
import { type TrialFiles, tryFlow } from './flow-trial.ts'

export type FlowSlotsDeps = {
  clock: Clock
  random: () => number
  log: Log
  board: FlowBoard
  infer(question: FlowQuestion, signal: AbortSignal): Promise<ModelAnswer>
  factsOf(model: string): ModelFacts | undefined
  /** Absent if there are no data here. */
  tableOf?: TableOf | undefined
  /** A source that runs here. It states the units of its tags. */
  sourceOf(name: string): Source | undefined
}

export type FlowSlots = {
  has(slot: string): boolean
  /** Reads and checks the flow. Nothing runs yet. */
  load(slot: string, file: SourceFile): RunnerAnswer
  /** Replays its recording with the models that serve here. Rejects only when the signal aborts. */
  golden(slot: string, files: TrialFiles, signal: AbortSignal): Promise<RunnerAnswer>
  /** The flow is live from now on, in place of the previous one of its name. */
  activate(order: { slot: string; name: string; version: string }): RunnerAnswer
  /** Another version of a model or of data is there from now on: flows use its metadata, or its tables. */
  modelChanged(): void
  deactivate(name: string): Promise<void>
  unload(slot: string): Promise<RunnerAnswer>
  /** The figures of the live flow of this name. */
  figures(name: string): FlowFigures | undefined
  look(name: string): Promise<(FlowSight & { version?: number }) | undefined>
  pulses(): SlotPulse[]
  close(): Promise<void>
}

type Live = { slot: string; version: number | undefined; host: FlowHost; tally: FlowTally; feed: Disposable }
type Slots = { deps: FlowSlotsDeps; loaded: Map<string, Flow>; live: Map<string, Live>; origins: FlowOrigins }

const DONE: RunnerAnswer = { ok: true }
const UNKNOWN: RunnerAnswer = { ok: false, code: 'slot_unknown', message: 'the slot has no flow' }

/** At the start there are no slots. */
export function createFlowSlots(deps: FlowSlotsDeps): FlowSlots {
  const it: Slots = { deps, loaded: new Map(), live: new Map(), origins: createFlowOrigins(deps.sourceOf) }
  return {
    has: (slot) => it.loaded.has(slot),
    load: (slot, file) => load(it, slot, file),
    golden: (slot, files, signal) => golden(it, slot, files, signal),
    activate: (order) => activate(it, order),
    modelChanged: () => learn(it),
    deactivate: (name) => deactivate(it, name),
    async unload(slot) {
      const name = [...it.live].find(([, live]) => live.slot === slot)?.[0]
      if (name !== undefined) await deactivate(it, name)
      return it.loaded.delete(slot) ? DONE : UNKNOWN
    },
    figures: (name) => it.live.get(name)?.host.figures(),
    look: (name) => look(it, name),
    pulses: () => [...it.loaded.keys()].map((slot) => pulseOf(it, slot)),
    async close() {
      await Promise.all([...it.live.keys()].map((name) => deactivate(it, name)))
    },
  }
}

function load({ loaded }: Slots, slot: string, file: SourceFile): RunnerAnswer {
  const parsed = parseText(Flow, Buffer.from(readSource(file)).toString('utf8'))
  if (!parsed.ok) {
    const message = `this agent cannot read the flow; update the agent (${parsed.message})`
    return { ok: false, code: 'flow_unreadable', message }
  }
  const [fault] = expressionProblems(parsed.said)
  if (fault) return { ok: false, code: 'flow_unreadable', message: `${fault.path.join('.')}: ${fault.message}` }
  loaded.set(slot, parsed.said)
  return DONE
}

async function golden({ deps, loaded }: Slots, slot: string, files: TrialFiles, signal: AbortSignal) {
  const flow = loaded.get(slot)
  if (!flow) return UNKNOWN
  const steps = factsOfSteps(flow, deps.factsOf, deps.tableOf)
  if (!steps.ok) return steps
  return tryFlow({ flow, facts: steps.facts }, files, deps.infer, signal)
}

function activate(it: Slots, { slot, name, version: text }: Parameters<FlowSlots['activate']>[0]): RunnerAnswer {
  const flow = it.loaded.get(slot)
  if (!flow) return UNKNOWN
  const before = it.live.get(name)
  if (before?.slot === slot) return DONE
  before?.feed[Symbol.dispose]()
  const tally = createFlowTally(before?.host.figures().parts)
  before?.host.update(flow)
  const host = before?.host ?? start(it, name, flow)
  const version = Number.isInteger(Number(text)) ? Number(text) : undefined
  it.live.set(name, { slot, version, host, tally, feed: feedFlow(flow, host, it.deps.board) })
  return DONE
}

function start(it: Slots, name: string, flow: Flow): FlowHost {
  const { board, log, infer, sourceOf: _, ...deps } = it.deps
  return startFlow(flow, {
    ...deps,
    infer: (question, signal) => infer({ ...question, flow: name }, signal),
    onTold: ({ from }, output) => board.told?.({ flow: name, signal: from }, output),
    send: (sink, output) => board.send(sink, output, { flow: name, ...originAt(it, name, sink.from) }),
    write: (source, tag, value) => board.write({ flow: name, source, tag, value }),
    onState(state) {
      if (state.kind !== 'crashed' && state.kind !== 'quarantined') return
      it.live.get(name)?.tally.crashed()
      log.warn('flow_crashed', { flow: name, state: state.kind, ...state.cause })
    },
  })
}

/** The origin of a signal of the live flow of this name. */
function originAt(it: Slots, name: string, signal: string): SignalOrigin {
  const flow = it.loaded.get(it.live.get(name)?.slot ?? '')
  return (flow && it.origins(flow).get(signal)) ?? {}
}

/** If a new model version lacks required metadata, the flow keeps the old metadata. It would not start without it. */
function learn({ live, deps }: Slots): void {
  for (const [flow, { host }] of live) {
    const problem = host.learn()
    if (problem) deps.log.warn('flow_facts_kept', { flow, ...problem })
  }
}

async function look(it: Slots, name: string) {
  const one = it.live.get(name)
  if (!one) return undefined
  const { version } = one
  const { parts, ...seen } = await one.host.look()
  return {
    ...seen,
    parts: parts.map((part) => withUnit(part, unitOf(it, name, part, seen.sinks))),
    ...(version !== undefined && { version }),
  }
}

/** A sink has the unit of its signal, unless the flow states another one. */
function unitOf(it: Slots, flow: string, { part, name }: FlowPartLook, sinks: readonly FlowSink[]): string | undefined {
  if (part !== 'sink') return originAt(it, flow, name).unit
  const sink = sinks.find((each) => each.name === name)
  const given = sink?.kind === 'tag' ? undefined : sink?.unit
  return given ?? (sink && originAt(it, flow, sink.from).unit)
}

const withUnit = (part: FlowPartLook, unit: string | undefined): FlowPartLook =>
  unit === undefined ? part : { ...part, unit }

async function deactivate({ live }: Slots, name: string): Promise<void> {
  const one = live.get(name)
  if (!one) return
  live.delete(name)
  one.feed[Symbol.dispose]()
  await one.host[Symbol.asyncDispose]()
}

/** A quarantined flow is broken. The part that loaded it decides about it. */
function pulseOf({ live }: Slots, slot: string): SlotPulse {
  const one = [...live.values()].find((each) => each.slot === slot)
  if (!one) return { slot, stats: { requests: 0, failures: 0 } }
  const figures = one.host.figures()
  const { state } = figures
  return {
    slot,
    stats: one.tally.hear(figures.parts),
    ...(state.kind === 'quarantined' ? { problem: `the flow crashed repeatedly (${state.cause.message})` } : {}),
  }
}
