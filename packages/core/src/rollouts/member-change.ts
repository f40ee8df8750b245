/**
 * Member change: rows of a rollout's devices that go from one outcome to another in bulk, and the counters that follow
 * them.
 */

import type { Budget } from '@skerry/contract/deployments/pace'
import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import type { Outcome } from '@skerry/contract/rollouts/rollout'
import type { DeviceId } from '@skerry/contract/values/ids'
import { changeWave, type RolloutState } from './rollout-state.ts'
import { recount } from './wave-verdict.ts'

/**
 * Rows of one wave and one outcome that get another outcome, or a new offer; `which` selects them. `heldUntilMs`: their
 * time begins then, because they wait for a window or a lock.
 */
export type MemberChange = {
  wave: number
  from: Outcome
  to: Outcome
  which: MemberChoice
  retry?: RetryMark
  heldUntilMs?: number
  /** They move to this wave, and get a new offer there. */
  toWave?: number
}

/**
 * later: one more try is counted, and the next is due at this time. now: the devices get the order to try again even if
 * they remember a failure.
 */
export type RetryMark = { kind: 'later'; atMs: number } | { kind: 'now' }

export type MemberChoice =
  | { kind: 'all' }
  /** Rows whose devices are offline now. */
  | { kind: 'offline' }
  /**
   * Rows whose time began at this time or before, by the offer or by the end of a hold, and which do not wait for their
   * next try. Rows that were offered the revision at `anywayAtMs` or before count too, whatever holds them.
   */
  | { kind: 'offered-until'; atMs: number; anywayAtMs: number }
  | { kind: 'device'; deviceId: DeviceId }
  /** Rows whose next try is due at this time or before. */
  | { kind: 'retry-until'; atMs: number }
  /**
   * The first by `offerRank` and id: at most `atMost`, and in each group only as many as the budget has room for. None while the window
   * is shut.
   */
  | { kind: 'next'; atMost?: number | undefined; budget?: Budget | undefined; window?: UpdateWindow | undefined }

/** Yields changes of rows, takes how many rows each changed. */
export type Steps<Result> = Generator<MemberChange, Result, number>

/** The state after these changes of rows. */
export function* moveAll(state: RolloutState, changes: readonly MemberChange[]): Steps<RolloutState> {
  let next = state
  for (const change of changes) {
    const rows = yield change
    if (change.which.kind === 'all') expectAll(next, change, rows)
    if (rows > 0) next = recountMoved(next, change, rows)
  }
  return next
}

function recountMoved(
  state: RolloutState,
  { wave, toWave = wave, from, to }: MemberChange,
  rows: number,
): RolloutState {
  const left = changeWave(state, wave, (counted) => recount(counted, { from, rows }))
  return changeWave(left, toWave, (counted) => recount(counted, { to, rows }))
}

function expectAll(state: RolloutState, { wave, from }: MemberChange, rows: number): void {
  const expected = state.waves[wave]?.counts[from] ?? rows
  if (rows !== expected) throw new Error(`${rows} rows changed in wave ${wave}, ${expected} were ${from}`)
}
