/** Failure store: some of the devices on which each of these rollouts failed, for the views of rollouts. */
import { FAILURES_SHOWN, type RolloutFailure } from '@skerry/contract/rollouts/rollout'
import type { RolloutId } from '@skerry/contract/values/ids'
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

type Failing = { id: RolloutId; state: Pick<RolloutState, 'waves'> }
type Range = { rolloutId: RolloutId; wave: number; outcome: (typeof FAILURE_KINDS)[number] }

/** Parts of one statement. SQLite permits 500, and the parameters of 100 are far below every limit. */
const RANGES_AT_ONCE = 100

/**
 * The failed devices by rollout, at most three each. The counters of a rollout name its waves with failures. Each of
 * them is one range of an index, so the cost does not depend on the size of the fleet. Rollouts without failures cost
 * no query.
 */
export async function failuresIn(
  db: Db,
  rollouts: readonly Failing[],
): Promise<ReadonlyMap<RolloutId, RolloutFailure[]>> {
  const ranges = rollouts.flatMap(rangesOf)
  const failures = new Map<RolloutId, RolloutFailure[]>()
  for (let start = 0; start < ranges.length; start += RANGES_AT_ONCE) {
    for (const { rollout_id, device, outcome, wave, cause } of await readRanges(
      db,
      ranges.slice(start, start + RANGES_AT_ONCE),
    )) {
      const found = failures.get(rollout_id) ?? []
      if (found.length < FAILURES_SHOWN)
        failures.set(rollout_id, [...found, { device, outcome, wave, ...(cause === null ? {} : fromJson(cause)) }])
    }
  }
  return failures
}

/** The first ranges of the index that together have enough devices. */
function rangesOf({ id, state }: Failing): Range[] {
  const all = state.waves.flatMap(({ counts }, wave) =>
    FAILURE_KINDS.filter((outcome) => counts[outcome] > 0).map((outcome) => ({ rolloutId: id, wave, outcome })),
  )
  return all.slice(0, FAILURES_SHOWN)
}

async function readRanges(db: Db, ranges: readonly Range[]) {
  const [first, ...others] = ranges.map((range) => db.selectFrom(failedMembers(db, range).as('failed')).selectAll())
  if (!first) return []
  return others.reduce((all, one) => all.unionAll(one), first).execute()
}

const failedMembers = (db: Db, { rolloutId, wave, outcome }: Range) =>
  db
    .selectFrom('rollout_members')
    .innerJoin('devices', 'devices.id', 'rollout_members.device_id')
    .select([
      'rollout_members.rollout_id',
      'devices.name as device',
      'rollout_members.outcome',
      'rollout_members.wave',
      'rollout_members.cause',
    ])
    .where('rollout_members.rollout_id', '=', rolloutId)
    .where('rollout_members.wave', '=', wave)
    .where('rollout_members.outcome', '=', outcome)
    .orderBy('rollout_members.offered_at_ms')
    .limit(FAILURES_SHOWN)
