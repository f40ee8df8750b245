/** Wave verdict: how one open wave of a rollout stands, from its counters alone. */
import type { Outcome, OutcomeCounts } from '@skerry/contract/rollout'
import { exceeds, parseAmount } from './amount.ts'
import type { PlannedWave } from './waves.ts'

/** What a rollout keeps of one wave. Plain JSON. */
export type WaveState = {
  counts: OutcomeCounts
  openedAtMs?: number
  /** Since when every device of the wave has been decided. */
  soakingSinceMs?: number
  /** A person resumed the rollout although too few devices of this wave had been decided to tell anything. */
  isBorne?: true
}

/**
 * undecided: some device has not said anything decisive. inconclusive: all have been decided or left out, but too few to tell anything.
 * decided: just become so. soaking, passed: has it stayed so for long enough. Gates by metrics will join here, each with a verdict of its own.
 */
export type WaveVerdict = 'undecided' | 'inconclusive' | 'decided' | 'soaking' | 'passed'

const NO_COUNTS: OutcomeCounts = {
  waiting: 0,
  offered: 0,
  healthy: 0,
  failed: 0,
  'timed-out': 0,
  tolerated: 0,
  skipped: 0,
}

/** A wave of so many devices that has not opened. */
export const closedWave = (size: number): WaveState => ({ counts: { ...NO_COUNTS, waiting: size } })

/** The wave after so many of its rows have gone from one outcome to another; either may be absent: a device that joins or leaves. */
export function recount(
  wave: WaveState,
  { from, to, rows }: { from?: Outcome; to?: Outcome; rows: number },
): WaveState {
  const counts = { ...wave.counts }
  if (from) counts[from] -= rows
  if (to) counts[to] += rows
  return { ...wave, counts }
}

/** How many devices the wave has. */
export const sizeOf = ({ counts }: WaveState): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

const failuresOf = ({ counts }: WaveState) => counts.failed + counts['timed-out']

/**
 * Why the wave has failed; undefined while it has not. A share is of the devices that had a chance, which leaves out tolerated ones: else a
 * failure that was borne would make room for another's. It is not computed before `minExecuted` of them have been decided.
 */
export function limitProblem({ name, failuresMax, minExecuted }: PlannedWave, wave: WaveState): string | undefined {
  const failures = failuresOf(wave)
  const total = wave.counts.healthy + failures
  const isShare = parseAmount(failuresMax).kind === 'share'
  if (isShare && total < minExecuted) return undefined
  if (!exceeds(failuresMax, { part: failures, total })) return undefined
  return isShare
    ? `${failures} of ${total} failed in wave ${name}, ${failuresMax} allowed`
    : `${failures} failed in wave ${name}, ${failuresMax} allowed`
}

/** How an open wave that has not failed stands. */
export function judgeWave({ minExecuted, soakMs }: PlannedWave, wave: WaveState, nowMs: number): WaveVerdict {
  const { counts, soakingSinceMs, isBorne } = wave
  if (counts.waiting + counts.offered > 0) return 'undecided'
  if (!isBorne && decidedOf(wave) < minExecuted) return 'inconclusive'
  if (soakingSinceMs === undefined) return 'decided'
  return nowMs < soakingSinceMs + soakMs ? 'soaking' : 'passed'
}

/** How many devices of the wave have been decided, for better or worse; skipped ones have not. */
export const decidedOf = (wave: WaveState): number => wave.counts.healthy + failuresOf(wave) + wave.counts.tolerated
