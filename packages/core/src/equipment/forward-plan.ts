/**
 * Forward plan: how values that wait on the disk for a sink are handled: the lane of each value, the lane to send from
 * next, and the batches to drop when there are too many or they are too old. Each lane is first in, first out, in any
 * case.
 */
import type { SinkQueue } from '@skerry/contract/sinks/sink-queue'
import type { Lane, Priority } from '@skerry/contract/sinks/sink-value'

const LIVE = ['urgent', 'normal', 'bulk'] as const satisfies Lane[]
const LATE = ['urgent-late', 'normal-late', 'bulk-late'] as const satisfies Lane[]

/** New values before late ones, and the more urgent first. */
export const SENDING_ORDER: readonly Lane[] = [...LIVE, ...LATE]

/** The least urgent first, and late values before new ones of the same priority. */
export const DROPPING_ORDER: readonly Lane[] = ['bulk-late', 'bulk', 'normal-late', 'normal', 'urgent-late', 'urgent']

export const isLate = (lane: Lane): boolean => LATE.some((late) => late === lane)

export type PriorityWaiting = { priority: Priority; waiting: number }

/**
 * How much waits of each priority, most urgent first, whether it is new or had to wait already. Nothing if all of it is
 * normal, as it usually is.
 */
export function waitingByPriority(lanes: readonly { lane: Lane; waiting: number }[]): PriorityWaiting[] {
  const sums = LIVE.map((priority) => ({
    priority,
    waiting: lanes.reduce((sum, of) => sum + (of.lane.replace('-late', '') === priority ? of.waiting : 0), 0),
  })).filter(({ waiting }) => waiting > 0)
  return sums.every(({ priority }) => priority === 'normal') ? [] : sums
}

/** A sink that takes longer than this for new values does not keep up. Values that come then are late. */
export const LIVE_AGE_MAX_MS = 5_000

export type LaneFacts = {
  lane: Lane
  bytes: number
  /** When the oldest of it was stored, in the time of the queue; undefined if it is empty. */
  oldestMs: number | undefined
  /** Its oldest values are on their way: dropped now, they would count as lost and arrive. */
  isInFlight: boolean
}

export type LaneQuestion = {
  priority: Priority
  queue: Pick<SinkQueue, 'inOrder'>
  /** Whether the sink takes values now. */
  isUp: boolean
  /** Belongs to the lane for new values. */
  oldestMs: number | undefined
  nowMs: number
}

/** The lane of a new value. */
export function laneFor({ priority, queue, isUp, oldestMs, nowMs }: LaneQuestion): Lane {
  if (queue.inOrder) return priority
  const keepsUp = oldestMs === undefined || nowMs - oldestMs <= LIVE_AGE_MAX_MS
  return isUp && keepsUp ? priority : `${priority}-late`
}

/**
 * Where to send from next; undefined if nothing may be sent now. `allowance` is how many values that had to wait may
 * go.
 */
export function nextLane(lanes: readonly LaneFacts[], allowance: number): Lane | undefined {
  const filled = new Set(lanes.filter(({ oldestMs }) => oldestMs !== undefined).map(({ lane }) => lane))
  return SENDING_ORDER.find((lane) => filled.has(lane) && (allowance > 0 || !isLate(lane)))
}

export type Drop = { lane: Lane; reason: 'bytes' | 'age' }

/** The lane whose oldest batch is to be dropped next; call it again until there is none. */
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

/**
 * How many values that had to wait may go: refills with time, to at most a second's worth, and is overdrawn by at most
 * one batch.
 */
export type Allowance = { values: number; atMs: number }

/** `nowMs` is of a clock that only moves forward. */
export function refilled({ values, atMs }: Allowance, perSecond: number, nowMs: number): Allowance {
  return { values: Math.min(perSecond, values + ((nowMs - atMs) / 1_000) * perSecond), atMs: nowMs }
}

/** How long until something may go again. */
export const allowedInMs = ({ values }: Allowance, perSecond: number): number =>
  values > 0 ? 0 : Math.ceil(((1 - values) / perSecond) * 1_000)
