/** Checkpoint pace: when the audit trail is signed again. What is not signed yet could be made anew by whoever can write to the database. */

/** So many records a busy hub writes in seconds; a signature costs a tenth of a millisecond, and a checkpoint 300 bytes. */
export const CHECKPOINT_RECORDS_MAX = 1_000

/** The longest that a record waits for its signature: an attacker has no longer, and a year of such checkpoints takes 20 MB. */
export const CHECKPOINT_INTERVAL_MS = 10 * 60_000

type Signed = { sequence: number; atMs: number }

/** Whether there is enough, or old enough, that no checkpoint vouches for. `last` is the newest checkpoint, if any. */
export function isCheckpointDue(end: { sequence: number }, last: Signed | undefined, nowMs: number): boolean {
  if (end.sequence === (last?.sequence ?? 0)) return false
  if (!last || end.sequence - last.sequence >= CHECKPOINT_RECORDS_MAX) return true
  // A clock that was set back must not keep it from being signed.
  return nowMs - last.atMs >= CHECKPOINT_INTERVAL_MS || nowMs < last.atMs
}
