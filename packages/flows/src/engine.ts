/**
 * Engine: runs a flow over samples. Time is that of the samples: an instant is run once nothing older is waited for any more, and what ends in silence
 * ends when the clock says so, measured from the newest sample. The same samples give the same outputs, wherever and however quickly.
 *
 * Invariants: a level is run by one loop at a time, instant after instant, in the order of their times; a packet is taken once all its answers are
 * there; what is lost is counted where it is lost.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import { carriedOver } from '@skerry/core/flow/carry-over'
import { createReorderBuffer, newSample } from '@skerry/core/flow/reorder-buffer'
import { type Signal, tellBad } from '@skerry/core/flow/signal'
import { type Carried, carrySamples, carrySignals } from './carried.ts'
import { figuresOf } from './figures.ts'
import { graphOf } from './graph.ts'
import { createLevel, type LevelDeps, newInputs } from './level.ts'
import { copyInto, isSettled, type Packet } from './packet.ts'
import type { SampleBatch } from './sample-batch.ts'

/** Half a minute of 2,000 tags at a second. Beyond it the oldest are not waited for any longer. */
const BUFFERED_MAX = 65_536

/** A clock that is set right by less is waited for; one that was set back by more would be waited for too long. */
const SET_BACK_MS = 60_000

export type EngineDeps = Pick<LevelDeps, 'infer' | 'tell' | 'monotonicMs' | 'signal' | 'facts' | 'sightings'> & {
  /** `patient`: waits for models and sinks rather than drop, as a replay does. */
  haste: 'live' | 'patient'
  /** A flow that this one takes the place of: what is the same in both goes on with what it remembers. It must be idle, and is not used any more. */
  before?: Engine | undefined
}

export type Engine = {
  flow: Flow
  /** In the order in which they came. Resolves once the first level has worked through them. */
  feed(batch: SampleBatch): Promise<void>
  /** It is so late, by the clock that samples are received with. */
  tick(nowMs: number): Promise<void>
  /** Nothing more comes: nothing is waited for. */
  end(): Promise<void>
  /** Once no model is asked, and no sink told. */
  idle(): Promise<void>
  reachedMs(): number
  figures(): FlowPartFigures[]
  carry(): Carried
}

type Running = Carried & {
  deps: EngineDeps
  /** By level: time has come so far, what waits in its queue apart. */
  limitsMs: number[]
  isWorking: boolean[]
  loops: Promise<void>[]
  /** By input: the instant in which it was heard last. */
  heard: Float64Array
}

export function createEngine(flow: Flow, deps: EngineDeps): Engine {
  let it = build(flow, deps)
  return {
    flow,
    async feed(batch) {
      const arrivedMs = deps.monotonicMs()
      for (let at = 0; at < batch.count; ) {
        const receivedMs = batch.receivedMs[at] ?? 0
        // What it remembers is of a time that has not come yet: it would wait for it, and call everything late.
        if (receivedMs < it.times.newestReceivedMs - SET_BACK_MS) it = build(flow, { ...deps, before: undefined })
        at = await feedMoment(it, batch, at, arrivedMs)
      }
    },
    tick: (nowMs) => tick(it, nowMs),
    async end() {
      it.times.limitMs = Math.max(it.times.limitMs, it.times.newestMs)
      await work(it, 0)
    },
    idle: () => idle(it),
    reachedMs: () => it.levels[0]?.stage.reachedMs ?? Number.NEGATIVE_INFINITY,
    figures: () => figuresOf(it.inputs, it.levels),
    carry: () => it,
  }
}

function build(flow: Flow, deps: EngineDeps): Running {
  const graph = graphOf(flow)
  const stays = deps.before ? carriedOver(deps.before.flow, flow) : new Set<string>()
  const before = deps.before?.carry()
  const never = Number.NEGATIVE_INFINITY
  const it: Running = {
    flow,
    deps,
    inputs: [],
    levels: [],
    buffer: createReorderBuffer(),
    isWorking: [],
    loops: [],
    heard: new Float64Array(flow.inputs.length),
    times: before?.times ?? { newestMs: never, newestReceivedMs: never, limitMs: never },
    limitsMs: Array.from({ length: graph.levels }, () => never),
  }
  const keptInput = (name: string) => before?.inputs.find(({ input }) => input.name === name)?.operator
  it.inputs = newInputs(flow, (name) => (stays.has(name) ? keptInput(name) : undefined))
  const kept = (name: string) =>
    stays.has(name) ? before?.levels.map(({ operators }) => operators.get(name)).find((found) => found) : undefined
  const levelDeps: LevelDeps = {
    ...deps,
    kept,
    reachedMs: (level) => before?.levels[level]?.stage.reachedMs ?? never,
    onAnswer: (level) => void work(it, level),
    onPacket: (level, packet) => {
      it.levels[level]?.queue.push(packet)
      void work(it, level)
    },
  }
  it.levels = Array.from({ length: graph.levels }, (_, level) =>
    createLevel(flow, graph, level, level === 0 ? it.inputs : [], levelDeps),
  )
  if (deps.before) {
    carrySignals(it, deps.before.carry(), stays)
    carrySamples(it, deps.before.carry(), stays)
  }
  return it
}

/** What was received at one time; gives where the next begins. */
async function feedMoment(it: Running, batch: SampleBatch, first: number, arrivedMs: number): Promise<number> {
  const receivedMs = batch.receivedMs[first] ?? 0
  await tick(it, receivedMs)
  let at = first
  do {
    take(it, batch, at, arrivedMs)
    at += 1
  } while (at < batch.count && batch.receivedMs[at] === receivedMs && !batch.apart.has(at))
  it.times.limitMs = Math.max(it.times.limitMs, it.times.newestMs - it.flow.lateMs)
  await work(it, 0)
  return at
}

const sample = newSample()

function take({ inputs, buffer, levels, times }: Running, batch: SampleBatch, at: number, arrivedMs: number): void {
  const place = batch.places[at] ?? 0
  const timeMs = batch.eventsMs[at] ?? 0
  const figures = inputs[place]?.figures
  if (!figures) return
  figures.in += 1
  if (timeMs < (levels[0]?.stage.reachedMs ?? 0)) {
    figures.late += 1
    return
  }
  const more = batch.others.get(at)
  sample.input = place
  sample.timeMs = timeMs
  sample.quality = qualityOf(batch.qualities[at])
  sample.number = batch.numbers[at] ?? Number.NaN
  sample.other = more?.other
  sample.cause = more?.cause
  sample.arrivedMs = arrivedMs
  if (sample.quality === 2) figures.bad += 1
  buffer.push(sample)
  if (timeMs <= times.newestMs) return
  times.newestMs = timeMs
  times.newestReceivedMs = batch.receivedMs[at] ?? timeMs
}

const qualityOf = (quality: number | undefined) => (quality === 0 || quality === 1 ? quality : 2)

async function tick(it: Running, nowMs: number): Promise<void> {
  const { newestMs, newestReceivedMs } = it.times
  // Before the first sample nobody knows what time it is there.
  if (newestMs === Number.NEGATIVE_INFINITY) return
  const thereMs = newestMs + Math.max(0, nowMs - newestReceivedMs) - it.flow.lateMs
  if (thereMs <= it.times.limitMs) return
  it.times.limitMs = thereMs
  await work(it, 0)
}

/** Starts the loop of a level, or lets the one that runs go on. */
function work(it: Running, level: number): Promise<void> {
  if (!it.levels[level] || it.isWorking[level]) return it.loops[level] ?? Promise.resolve()
  it.isWorking[level] = true
  const loop = runLevel(it, level)
  it.loops[level] = loop
  return loop
}

async function runLevel(it: Running, level: number): Promise<void> {
  for (;;) {
    if (it.deps.haste === 'patient') await roomInAll(it, level)
    const run = nextRun(it, level)
    if (!run) break
    const running = run()
    // Only an expression has to be waited for.
    if (running) await running
  }
  // At once: whoever comes after this line must start a loop of their own.
  it.isWorking[level] = false
  passTime(it, level)
}

/** What comes next on a level: what waits there, or what is due before it; undefined where there is nothing yet. */
function nextRun(it: Running, level: number): (() => void | Promise<void>) | undefined {
  const { stage, queue } = it.levels[level] ?? levelMissing()
  const dueMs = stage.nextDueMs()
  const ring = () => stage.run(dueMs, it.deps.monotonicMs(), () => undefined)
  const [packet] = queue
  if (packet && !isSettled(packet)) return undefined
  const nextMs = level === 0 ? bufferedMs(it) : (packet?.timeMs ?? Number.POSITIVE_INFINITY)
  if (nextMs === Number.POSITIVE_INFINITY) return dueMs < limitOf(it, level) ? ring : undefined
  if (dueMs < nextMs) return ring
  return packet ? () => runPacket(it, level) : () => runSamples(it)
}

const limitOf = (it: Running, level: number) =>
  level === 0 ? it.times.limitMs : (it.limitsMs[level] ?? Number.NEGATIVE_INFINITY)

const levelMissing = (): never => {
  throw new Error('a level is not there')
}

/** The time of the oldest sample that is not to be waited for; Infinity where there is none. */
function bufferedMs({ buffer, times }: Running): number {
  const firstMs = buffer.firstTimeMs()
  return firstMs <= times.limitMs || buffer.size > BUFFERED_MAX ? firstMs : Number.POSITIVE_INFINITY
}

/** Of one time, each input once. */
function runSamples(it: Running): void | Promise<void> {
  const { stage, signals } = it.levels[0] ?? levelMissing()
  const { buffer } = it
  const timeMs = buffer.firstTimeMs()
  return stage.run(timeMs, it.deps.monotonicMs(), (spoke) => {
    while (buffer.firstTimeMs() === timeMs) {
      if (it.heard[buffer.firstInput()] === stage.instantId) return
      buffer.shift(sample)
      it.heard[sample.input] = stage.instantId
      const input = it.inputs[sample.input]
      const signal = signals[sample.input]
      if (!input || !signal || !input.operator.take(sample, signal)) continue
      input.figures.out += 1
      spoke(sample.input)
    }
  })
}

function runPacket(it: Running, level: number): void | Promise<void> {
  const { stage, queue, signals } = it.levels[level] ?? levelMissing()
  const packet = queue.shift()
  if (!packet) return
  return stage.run(packet.timeMs, packet.arrivedMs, (spoke) => {
    for (const { place, signal } of packet.copies) {
      const into = signals[place]
      if (!into) continue
      copyInto(signal, into)
      spoke(place)
    }
    for (const { place, answer } of packet.answers) {
      const into = signals[place]
      if (into && takeAnswer(answer, into)) spoke(place)
    }
  })
}

function takeAnswer(answer: Packet['answers'][number]['answer'], into: Signal): boolean {
  if (!answer || answer.ok === 'dropped') return false
  if (!answer.ok) return tellBad(into, answer.code, answer.message)
  into.quality = answer.doubt ? 1 : 0
  into.cause = answer.doubt
  into.number = typeof answer.value === 'number' ? answer.value : Number.NaN
  into.other = typeof answer.value === 'number' ? undefined : answer.value
  return true
}

/** The next level knows that nothing older comes, unless it still waits for an answer. */
function passTime(it: Running, level: number): void {
  const limitMs = limitOf(it, level)
  if (!it.levels[level + 1] || (it.levels[level]?.queue.length ?? 0) > 0) return
  if (limitMs <= limitOf(it, level + 1)) return
  it.limitsMs[level + 1] = limitMs
  void work(it, level + 1)
}

async function roomInAll({ levels }: Running, level: number): Promise<void> {
  for (const { outbox } of levels[level]?.parts ?? []) if (outbox?.isFull()) await outbox.room()
}

async function idle(it: Running): Promise<void> {
  for (;;) {
    for (let level = 0; level < it.levels.length; level++) await it.loops[level]
    const busy = it.levels.flatMap(({ parts }) => parts.flatMap(({ outbox }) => outbox ?? []))
    for (const outbox of busy) await outbox.idle()
    const isQuiet = !it.isWorking.includes(true) && busy.every((outbox) => outbox.size === 0)
    if (isQuiet && it.levels.every(({ queue }) => queue.length === 0)) return
    await Promise.resolve()
  }
}
