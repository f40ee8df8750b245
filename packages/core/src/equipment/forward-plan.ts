/**
 * Forward plan: what becomes of values that wait on the disk for a sink: in which lane they go, which lane is sent from next, and what is dropped when there
 * are too many or they are too old. Each lane is first in, first out, whatever happens.
 */
import type { SinkQueue } from '@skerry/contract/sinks/sink-queue'
import type { Lane, Priority } from '@skerry/contract/sinks/sink-value'

const LIVE = ['urgent', 'normal', 'bulk'] as const satisfies Lane[]
const LATE = ['urgent-late', 'normal-late', 'bulk-late'] as const satisfies Lane[]

/** What is new before what had to wait, and of each the more urgent first. */
export const SENDING_ORDER: readonly Lane[] = [...LIVE, ...LATE]

/** The least urgent first, and of one priority what is old before what is new. */
export const DROPPING_ORDER: readonly Lane[] = ['bulk-late', 'bulk', 'normal-late', 'normal', 'urgent-late', 'urgent']

export const isLate = (lane: Lane): boolean => LATE.some((late) => late === lane)

export type PriorityWaiting = { priority: Priority; waiting: number }

/** How much waits of each priority, most urgent first, whether it is new or had to wait already. Nothing where all of it is normal, as it usually is. */
export function waitingByPriority(lanes: readonly { lane: Lane; waiting: number }[]): PriorityWaiting[] {
  const sums = LIVE.map((priority) => ({
    priority,
    waiting: lanes.reduce((sum, of) => sum + (of.lane.replace('-late', '') === priority ? of.waiting : 0), 0),
  })).filter(({ waiting }) => waiting > 0)
  return sums.every(({ priority }) => priority === 'normal') ? [] : sums
}

/** A sink that takes longer for what is new does not keep up: what comes then has to wait. */
export const LIVE_AGE_MAX_MS = 5_000

export type LaneFacts = {
  lane: Lane
  bytes: number
  /** When the oldest of it was stored, in the time of the queue; undefined where it is empty. */
  oldestMs: number | undefined
  /** Its oldest values are on their way: dropped now, they would count as lost and arrive. */
  isInFlight: boolean
}

export type LaneQuestion = {
  priority: Priority
  queue: Pick<SinkQueue, 'inOrder'>
  /** Whether the sink takes values now. */
  isUp: boolean
  /** Of the lane for what is new. */
  oldestMs: number | undefined
  nowMs: number
}

/** Where a new value goes. */
export function laneFor({ priority, queue, isUp, oldestMs, nowMs }: LaneQuestion): Lane {
  if (queue.inOrder) return priority
  const keepsUp = oldestMs === undefined || nowMs - oldestMs <= LIVE_AGE_MAX_MS
  return isUp && keepsUp ? priority : `${priority}-late`
}

/** Where to send from next; undefined where nothing may be sent now. `allowance` is how many values that had to wait may go. */
export function nextLane(lanes: readonly LaneFacts[], allowance: number): Lane | undefined {
  const filled = new Set(lanes.filter(({ oldestMs }) => oldestMs !== undefined).map(({ lane }) => lane))
  return SENDING_ORDER.find((lane) => filled.has(lane) && (allowance > 0 || !isLate(lane)))
}

export type Drop = { lane: Lane; reason: 'bytes' | 'age' }

/** Of which lane the oldest batch is to be dropped; asked again until there is none. */
export function nextDrop(
  lanes: readonly LaneFacts[],
  { bytesMax, ageMaxSeconds }: Pick<SinkQueue, 'bytesMax' | 'ageMaxSeconds'>,
  nowMs: number,
): Drop | undefined {
  const free = lanes.filter(({ isInFlight, oldestMs }) => !isInFlight && oldestMs !== undefined)
  const old = free.find(({ oldestMs }) => oldestMs !== undefined && nowMs - oldestMs > ageMaxSeconds * 1_000)
  if (old) return { lane: old.lane, reason: 'age' }
  if (lanes.reduce((sum, { bytes }) => sum + bytes, 0) <= bytesMax) return undefined
  const lane = DROPPING_ORDER.find((name) => free.some((facts) => facts.lane === name))
  return lane === undefined ? undefined : { lane, reason: 'bytes' }
}

/** How many values that had to wait may go: refills with time, to at most a second's worth, and is overdrawn by at most one batch. */
export type Allowance = { values: number; atMs: number }

/** `nowMs` is of a clock that only moves forward. */
export function refilled({ values, atMs }: Allowance, perSecond: number, nowMs: number): Allowance {
  return { values: Math.min(perSecond, values + ((nowMs - atMs) / 1_000) * perSecond), atMs: nowMs }
}

/** How long until something may go again. */
export const allowedInMs = ({ values }: Allowance, perSecond: number): number =>
  values > 0 ? 0 : Math.ceil(((1 - values) / perSecond) * 1_000)
