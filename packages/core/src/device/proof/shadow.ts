/** Shadow: whether a version whose answers are compared with those of the one that serves may serve itself. */
import type { Cause, ShadowStats } from '@skerry/contract/devices/item'
import type { Shadow } from '@skerry/contract/models/serving'

export type ShadowVerdict =
  | { kind: 'pass' }
  | { kind: 'fail'; cause: Cause }
  /** Ask again then, or when the statistics have changed. */
  | { kind: 'continue'; untilMs: number }

export type ShadowFacts = {
  /** By a clock that only moves forward. */
  startedMs: number
  nowMs: number
  stats: Pick<ShadowStats, 'compared' | 'mismatched' | 'errors' | 'maxDifference'>
  rules: Pick<Shadow, 'minCompared' | 'seconds' | 'maxMismatchShare'>
}

/** It fails as soon as no further answers could bring it below its limit by the time that it is judged. */
export function judgeShadow({ startedMs, nowMs, stats, rules }: ShadowFacts): ShadowVerdict {
  const { compared, mismatched, errors, maxDifference } = stats
  const { minCompared, seconds, maxMismatchShare } = rules
  const wrong = mismatched + errors
  const total = compared + errors
  if (wrong > maxMismatchShare * Math.max(total, minCompared)) {
    const far = maxDifference === undefined ? '' : `, by up to ${Number(maxDifference.toPrecision(6))}`
    const message = `${mismatched} of ${compared} answers differed from the serving version${far}, and ${errors} were errors; a share of ${maxMismatchShare} is allowed`
    return { kind: 'fail', cause: { code: 'shadow_mismatch', message } }
  }
  const untilMs = startedMs + seconds * 1_000
  return nowMs >= untilMs && compared >= minCompared ? { kind: 'pass' } : { kind: 'continue', untilMs }
}
