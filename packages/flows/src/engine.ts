/**
 * Engine: runs a flow over samples. Its time is the time of the samples. An instant runs when no older sample can come
 * any more. Silence ends when the clock reaches its limit, measured from the newest sample. The same samples give the
 * same outputs, on any machine at any speed. Invariants: one loop at a time runs a level, instant after instant, in the
 * order of their times. A packet is taken when all its answers are there. Lost values are counted at the place of the
 * loss.
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

/** Half a minute of 2,000 tags at one a second. Beyond it the engine no longer waits before it runs the oldest. */
const BUFFERED_MAX = 65_536

/**
 * In milliseconds. If a clock is set back by less, the engine waits for it. After a larger step it would wait too long.
 */
const SET_BACK_MS = 60_000

export type EngineDeps = Pick<LevelDeps, 'infer' | 'tell' | 'monotonicMs' | 'signal' | 'facts' | 'sightings'> & {
  /** `patient`: waits for models and sinks instead of dropping values, as a replay does. */
  haste: 'live' | 'patient'
  /**
   * The flow that this one replaces: parts that are the same in both keep their memory. It must be idle, and is not
   * used any more.
   */
  before?: Engine | undefined
}

export type Engine = {
  flow: Flow
  /** Takes samples in the order of their arrival. Resolves when the first level has processed them. */
  feed(batch: SampleBatch): Promise<void>
  /** Sets the current time, by the clock that gives samples their time of receipt. */
  tick(nowMs: number): Promise<void>
  /** No more samples come: the engine waits for none. */
  end(): Promise<void>
  /** Resolves when no request to a model or a sink is pending. */
  idle(): Promise<void>
  reachedMs(): number
  figures(): FlowPartFigures[]
  carry(): Carried
}

type Running = Carried & {
  deps: EngineDeps
  /** By level: the time reached, without the level's queue. */
  limitsMs: number[]
  isWorking: boolean[]
  loops: Promise<void>[]
  /** By input: the instant of its last sample. */
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
        // The memory belongs to a time in the future: the engine would wait for it, and count all samples as late.
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

/** Takes the samples that were received at one time. Resolves with the place of the next sample. */
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
  // Before the first sample, nobody knows the time at the equipment.
  if (newestMs === Number.NEGATIVE_INFINITY) return
  const thereMs = newestMs + Math.max(0, nowMs - newestReceivedMs) - it.flow.lateMs
  if (thereMs <= it.times.limitMs) return
  it.times.limitMs = thereMs
  await work(it, 0)
}

/** Starts the loop of a level, or lets a running loop continue. */
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
    // Only an expression needs a wait.
    if (running) await running
  }
  // This happens at once: a caller after this line must start a new loop.
  it.isWorking[level] = false
  passTime(it, level)
}

/** The next work of a level: a waiting packet, or a timer that is due before it. Undefined if there is none yet. */
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

/** The time of the oldest sample that needs no further wait. Infinity if there is none. */
function bufferedMs({ buffer, times }: Running): number {
  const firstMs = buffer.firstTimeMs()
  return firstMs <= times.limitMs || buffer.size > BUFFERED_MAX ? firstMs : Number.POSITIVE_INFINITY
}

/** Runs the samples of one time, with each input once. */
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

/** The next level learns that no older packet comes, unless this level still waits for an answer. */
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
