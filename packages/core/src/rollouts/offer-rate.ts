/**
 * Offer rate: how many devices may be offered a revision now, so that no 60 seconds ever see more than the rate's number.
 *
 * What was offered is kept by the second, for the seconds that may still count. Within a second at most a sixtieth is offered (rounded up), so
 * that downloads are spread and do not begin at once with each minute.
 */
import type { Rate } from '@skerry/contract/deployments/pace'

/** Offers by the second in which they were made, oldest first. Plain JSON. */
export type Pace = readonly (readonly [second: number, offers: number])[]

/** What an exponential rate grows with. */
export type RateProgress = { notified: number; succeeded: number }

/** An offer late in a second may still count 60 seconds after that second's end. */
const SECONDS_COUNTED = 61

/** The rate at this progress, in whole offers a minute. */
export function perMinuteAt(rate: Rate, progress: RateProgress): number {
  if ('perMinute' in rate) return rate.perMinute
  const { basePerMinute, factor, per, maxPerMinute } = rate
  const steps =
    'notified' in per ? Math.floor(progress.notified / per.notified) : Math.floor(progress.succeeded / per.succeeded)
  return Math.floor(Math.min(maxPerMinute, basePerMinute * factor ** steps))
}

/** How many may be offered now. */
export function roomNow(perMinute: number, pace: Pace, nowMs: number): number {
  const counted = counting(pace, nowMs)
  const thisSecond = counted.filter(([second]) => second >= secondOf(nowMs))
  return Math.max(0, Math.min(perMinute - sum(counted), Math.ceil(perMinute / 60) - sum(thisSecond)))
}

/** The pace after so many offers now. */
export function paceAfter(pace: Pace, nowMs: number, offers: number): Pace {
  const second = secondOf(nowMs)
  const counted = counting(pace, nowMs)
  return [...counted.filter(([at]) => at !== second), [second, offers + sum(counted.filter(([at]) => at === second))]]
}

/** What still counts. After a clock was set back, seconds ahead count too, unless they are so far ahead that they would hold everything up. */
const counting = (pace: Pace, nowMs: number): Pace =>
  pace.filter(([second]) => Math.abs(second - secondOf(nowMs)) < SECONDS_COUNTED)

const secondOf = (ms: number) => Math.floor(ms / 1_000)

const sum = (pace: Pace): number => pace.reduce((total, [, offers]) => total + offers, 0)
