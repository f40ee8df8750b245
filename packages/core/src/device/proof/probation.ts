/** Probation: a new version serves, and is sent back by itself when too many of its requests fail. */
import type { Cause, ServingStats, VersionStats } from '@skerry/contract/devices/item'
import type { Probation } from '@skerry/contract/models/serving'

/** With fewer requests a share means little: one failure of two requests is half of them. */
export const JUDGED_REQUESTS_MIN = 20

export type ProbationVerdict =
  | { kind: 'pass' }
  | { kind: 'fail'; cause: Cause }
  /** Judge again then, or when the statistics have changed. */
  | { kind: 'continue'; untilMs: number }

export type ProbationFacts = {
  /** By a clock that only moves forward. */
  startedMs: number
  nowMs: number
  /** The statistics of this version, since it began to serve. */
  stats: Pick<ServingStats, 'requests' | 'failures'>
  /** The most frequent error of the failed requests, if it is known. */
  error?: FrequentError | undefined
  /** The features whose values moved, if the monitor of the model says that this fails a probation. */
  moved?: string | undefined
  rules: Probation
}

/** An error such as `input_invalid: input x has 3 values`, and how many requests it failed. */
export type FrequentError = { text: string; count: number }

/** Failures are judged first, so that a version that failed in its last second does not pass. */
export function judgeProbation({ startedMs, nowMs, stats, error, moved, rules }: ProbationFacts): ProbationVerdict {
  const { requests, failures } = stats
  if (requests >= JUDGED_REQUESTS_MIN && failures > requests * rules.failureRateMax) {
    const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`
    const message = `${failures} of ${requests} requests failed (${percent(failures / requests)}), ${percent(rules.failureRateMax)} are allowed${errorWords(error)}`
    return { kind: 'fail', cause: { code: 'probation_failed', message } }
  }
  if (moved !== undefined) {
    const message = `the values of the version on this device are not as its reference: ${moved}`
    return { kind: 'fail', cause: { code: 'probation_failed', message } }
  }
  const untilMs = startedMs + rules.seconds * 1_000
  return nowMs >= untilMs ? { kind: 'pass' } : { kind: 'continue', untilMs }
}

const errorWords = (error: FrequentError | undefined) =>
  error === undefined ? '' : `; most frequent error (${error.count} requests): ${error.text}`

/** The requests of a version by their result; `failed` counts all that got no answer. */
export type VersionRecord = { answered: number; failed: number; cancelled: number; turnedAway: number }

/**
 * The requests that count. A client that went away says nothing about the version. A client that got 429 because the
 * queue was full does not count either, because the model never got its request. Both are shown beside the two counts.
 * A version that is slower than the one before shows by its latency, and by deadlines that passed.
 */
export function countedOf({
  answered,
  failed,
  cancelled,
  turnedAway,
}: VersionRecord): Pick<VersionStats, 'requests' | 'failures' | 'dropped'> {
  const failures = failed - cancelled - turnedAway
  return { requests: answered + failures, failures, ...(turnedAway > 0 ? { dropped: turnedAway } : {}) }
}
