/** Probation: a new version serves, and is sent back by itself when too many of its requests fail. */
import type { Cause, ServingStats, VersionStats } from '@skerry/contract/devices/item'
import type { Probation } from '@skerry/contract/models/serving'

/** Below this a share says nothing: one failure of two requests is half of them. */
export const JUDGED_REQUESTS_MIN = 20

export type ProbationVerdict =
  | { kind: 'pass' }
  | { kind: 'fail'; cause: Cause }
  /** Ask again then, or when the statistics have changed. */
  | { kind: 'continue'; untilMs: number }

export type ProbationFacts = {
  /** By a clock that only moves forward. */
  startedMs: number
  nowMs: number
  /** Of this version, since it began to serve. */
  stats: Pick<ServingStats, 'requests' | 'failures'>
  rules: Probation
}

/** Failures are judged first, so that a version that failed in its last second does not pass. */
export function judgeProbation({ startedMs, nowMs, stats, rules }: ProbationFacts): ProbationVerdict {
  const { requests, failures } = stats
  if (requests >= JUDGED_REQUESTS_MIN && failures > requests * rules.failureRateMax) {
    const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`
    const message = `${failures} of ${requests} requests failed (${percent(failures / requests)}), ${percent(rules.failureRateMax)} are allowed`
    return { kind: 'fail', cause: { code: 'probation_failed', message } }
  }
  const untilMs = startedMs + rules.seconds * 1_000
  return nowMs >= untilMs ? { kind: 'pass' } : { kind: 'continue', untilMs }
}

/** What became of what a version was asked; `failed` has all that got no answer. */
export type VersionRecord = { answered: number; failed: number; cancelled: number; turnedAway: number }

/**
 * What of it counts. A client that went away says nothing about the version, and neither does one that was told to slow down, as its queue was full: that was
 * never asked of the model, and stands beside the two. A version that is slower than the one before shows by its latency, and by deadlines that passed.
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
