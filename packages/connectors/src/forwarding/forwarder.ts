/**
 * Forwarder: takes values, stores them on the disk within a moment, and sends them, one batch at a time, until each is
 * delivered or counted as lost. It decides nothing itself: core decides lanes, limits and the pace of late values.
 */
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import type { SinkBatching, SinkQueue } from '@skerry/contract/sinks/sink-queue'
import type { Lane, Priority, SinkBatch, SinkValue } from '@skerry/contract/sinks/sink-value'
import { type Allowance, allowedInMs, isLate, laneFor, nextLane, refilled } from '@skerry/core/equipment/forward-plan'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Clock } from '@skerry/platform/process/clock'
import { type LeaseGate, writeWithin } from '@skerry/platform/process/lease-gate'
import { type SendOutcome, type SinkSession, SinkTrouble, type SinkTroubleCode } from '../sink.ts'
import { createMoment, type Moment } from './moment.ts'
import type { ForwardQueue, Parcel } from './queue.ts'

/** A broker is connected within seconds of its return. A broker that is away for days gets one attempt a minute. */
export const SEND_BACKOFF = { baseMs: 500, maxMs: 60_000 }

/**
 * When this many values are gathered, they are written before the time is up. A transaction of them is a megabyte or
 * less.
 */
const GATHERED_MAX = 10_000

/**
 * One rejected value is a problem of the value. This many rejected values in a row are a problem of the sink: it then
 * gets an attempt later, as after denied access. So an hour of wrong answers costs hundreds of values, not all of them,
 * and truly bad values still do not block the rest.
 */
const REFUSED_IN_ROW_MAX = 10

export type ForwardState =
  | { kind: 'connecting' }
  | { kind: 'up' }
  | { kind: 'down'; cause: { code: SinkTroubleCode; message: string } }

export type ForwarderDeps = {
  clock: Clock
  random: () => number
  queue: ForwardQueue
  /** Opens a session. Throws `SinkTrouble`. */
  open(signal: AbortSignal): Promise<SinkSession>
  /** The longest wait between two attempts. A minute if it is absent. */
  retryMaxMs?: number
  onState(state: ForwardState): void
  /** Checked directly before each batch. A device outside of a pair needs none. */
  gate?: LeaseGate
}

export type ForwardFigures = {
  offered: number
  delivered: number
  /** Values that were taken since the queue was made, and that will not be delivered. */
  lost: number
  /** The waiting values of all lanes, and the age of the oldest. */
  waiting: number
  waitingBytes: number
  oldestMs: number
  lanes: { lane: Lane; waiting: number }[]
  sends: number
  troubles: number
}

export type Forwarder = {
  /**
   * Resolves when the values are on the disk, with the number of values that found no room. Rejects if the queue is
   * broken.
   */
  offer(values: readonly SinkValue[], priority: Priority): Promise<{ lost: number }>
  /** Works until the signal aborts. Offered values are on the disk then. Throws if a sink's folder is broken. */
  run(signal: AbortSignal): Promise<void>
  figures(): ForwardFigures
  losses(): Loss[]
}

type Forwarding = {
  deps: ForwarderDeps
  limits: { queue: SinkQueue; batch: SinkBatching }
  isUp: boolean
  refusedInRow: number
  gathered: Map<Priority, SinkValue[]>
  gatheredCount: number
  flushed: PromiseWithResolvers<{ lost: number }>
  allowance: Allowance
  /** Values to send may be there. */
  news: Moment
  /** Values to write to the disk are there. */
  work: Moment
  counts: { offered: number; delivered: number; sends: number; troubles: number }
}

export function createForwarder(limits: { queue: SinkQueue; batch: SinkBatching }, deps: ForwarderDeps): Forwarder {
  const it: Forwarding = {
    deps,
    limits,
    isUp: false,
    refusedInRow: 0,
    gathered: new Map(),
    gatheredCount: 0,
    flushed: Promise.withResolvers(),
    allowance: { values: 0, atMs: deps.clock.monotonicMs() },
    news: createMoment(),
    work: createMoment(),
    counts: { offered: 0, delivered: 0, sends: 0, troubles: 0 },
  }
  return {
    offer: (values, priority) => offer(it, values, priority),
    async run(signal) {
      const ending = new AbortController()
      const ended = AbortSignal.any([signal, ending.signal])
      try {
        await Promise.all([flushOn(it, ended), sendOn(it, ended)])
      } catch (error) {
        if (!signal.aborted) throw error
      } finally {
        ending.abort()
        flush(it)
      }
    },
    figures: () => figuresOf(it),
    losses: () => deps.queue.losses(),
  }
}

async function offer(it: Forwarding, values: readonly SinkValue[], priority: Priority): Promise<{ lost: number }> {
  if (values.length === 0) return { lost: 0 }
  const gathered = it.gathered.get(priority)
  if (gathered) for (const value of values) gathered.push(value)
  else it.gathered.set(priority, [...values])
  it.gatheredCount += values.length
  it.counts.offered += values.length
  const { promise } = it.flushed
  if (it.gatheredCount >= GATHERED_MAX) flush(it)
  else it.work.now()
  return promise
}

/** All gathered values are written to the disk together. */
function flush(it: Forwarding): void {
  const { flushed, gathered } = it
  if (gathered.size === 0) return
  const lanes = new Map(it.deps.queue.lanes().map((facts) => [facts.lane, facts]))
  const nowMs = it.deps.queue.nowMs()
  const parcels = [...gathered].map(([priority, values]): Parcel => {
    const { oldestMs } = lanes.get(priority) ?? {}
    return { lane: laneFor({ priority, queue: it.limits.queue, isUp: it.isUp, oldestMs, nowMs }), values }
  })
  it.gathered = new Map()
  it.gatheredCount = 0
  it.flushed = Promise.withResolvers()
  try {
    flushed.resolve(it.deps.queue.append(parcels))
  } catch (error) {
    flushed.reject(error)
    throw error
  }
  it.news.now()
}

async function flushOn(it: Forwarding, signal: AbortSignal): Promise<void> {
  for (;;) {
    await it.work.next(signal)
    await it.deps.clock.sleep(it.limits.batch.lingerMs, signal)
    flush(it)
  }
}

async function sendOn(it: Forwarding, signal: AbortSignal): Promise<void> {
  const { clock, random, queue, onState, retryMaxMs = SEND_BACKOFF.maxMs } = it.deps
  for (let failures = 0; ; failures += 1) {
    onState({ kind: 'connecting' })
    const trouble = await sendOnce(it, signal, () => {
      failures = 0
    })
    it.isUp = false
    queue.release()
    it.counts.troubles += 1
    onState({ kind: 'down', cause: { code: trouble.code, message: trouble.message } })
    await clock.sleep(
      Math.max(trouble.retryAfterMs ?? 0, backoffMs(failures, { ...SEND_BACKOFF, maxMs: retryMaxMs }, random())),
      signal,
    )
  }
}

/** One session from its beginning to its end. Resolves with the reason for its end. */
async function sendOnce(it: Forwarding, signal: AbortSignal, onDelivery: () => void): Promise<SinkTrouble> {
  try {
    await using session = await it.deps.open(signal)
    it.isUp = true
    it.deps.onState({ kind: 'up' })
    for (;;) {
      const batch = await nextBatch(it, signal)
      await deliver(it, session, batch, signal)
      onDelivery()
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SinkTrouble) return error
    throw error
  }
}

/** Waits until values are there that may be sent. */
async function nextBatch(it: Forwarding, signal: AbortSignal): Promise<SinkBatch> {
  const { queue, clock } = it.deps
  const { catchUpPerSecond } = it.limits.queue
  for (;;) {
    queue.enforce()
    it.allowance = refilled(it.allowance, catchUpPerSecond, clock.monotonicMs())
    const lanes = queue.lanes()
    const lane = nextLane(lanes, it.allowance.values)
    const batch = lane && queue.take(lane)
    if (batch) {
      if (isLate(batch.lane)) it.allowance.values -= batch.values.length
      return batch
    }
    const mayLater = lanes.some(({ oldestMs }) => oldestMs !== undefined)
    if (!mayLater) await it.news.next(signal)
    else await it.news.within(allowedInMs(it.allowance, catchUpPerSecond), clock, signal)
  }
}

/** A rejected batch is halved until the rejected values are known, in order. */
async function deliver(it: Forwarding, session: SinkSession, batch: SinkBatch, signal: AbortSignal): Promise<void> {
  const parts = [batch]
  for (let part = parts.pop(); part; part = parts.pop()) {
    it.counts.sends += 1
    const outcome = await sendGated(it, (at) => session.send(part, at), signal)
    const { values, first } = part
    if (outcome.ok) {
      it.deps.queue.finish(part)
      it.counts.delivered += values.length
      it.refusedInRow = 0
    } else if (values.length === 1) {
      it.deps.queue.refuse(part, outcome)
      countRefusal(it, outcome.message)
    } else {
      const middle = Math.ceil(values.length / 2)
      parts.push({ ...part, first: first + middle, values: values.slice(middle) })
      parts.push({ ...part, values: values.slice(0, middle) })
    }
  }
  it.deps.queue.release()
}

/** The queue keeps the batch while this device may not write, and after a lease that ended during the request. */
async function sendGated(it: Forwarding, send: (signal: AbortSignal) => Promise<SendOutcome>, signal: AbortSignal) {
  const { gate } = it.deps
  if (!gate) return send(signal)
  const outcome = await writeWithin(gate, send, signal)
  switch (outcome.kind) {
    case 'done':
      return outcome.result
    case 'closed':
      throw new SinkTrouble('sink_busy', 'this device is not the active one of its pair')
    case 'late':
      throw new SinkTrouble('sink_lost', 'the lease of the pair ended during the request')
  }
}

function countRefusal(it: Forwarding, message: string): void {
  it.refusedInRow += 1
  if (it.refusedInRow < REFUSED_IN_ROW_MAX) return
  it.refusedInRow = 0
  throw new SinkTrouble('sink_unfit', `it rejects everything: ${message}`)
}

function figuresOf({ deps: { queue }, counts }: Forwarding): ForwardFigures {
  const lanes = queue.lanes()
  const nowMs = queue.nowMs()
  const ages = lanes.map(({ oldestMs }) => (oldestMs === undefined ? 0 : nowMs - oldestMs))
  return {
    ...counts,
    lost: queue.losses().reduce((sum, { count }) => sum + count, 0),
    waiting: lanes.reduce((sum, { waiting }) => sum + waiting, 0),
    waitingBytes: lanes.reduce((sum, { bytes }) => sum + bytes, 0),
    oldestMs: Math.max(0, ...ages),
    lanes: lanes.map(({ lane, waiting }) => ({ lane, waiting })),
  }
}
