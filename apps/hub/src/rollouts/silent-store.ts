/**
 * Silent store: the devices that were offered a revision and are not connected or silent, so that its rollout waits for
 * them.
 */
import type { Rollout, SilentDevices } from '@skerry/contract/rollouts/rollout'
import type { RolloutId } from '@skerry/contract/values/ids'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import type { Db } from '../store/store.ts'

/** The rollouts under way with the silent devices that they wait for. Other rollouts cost no query. */
export async function withSilentDevices(db: Db, rollouts: readonly Rollout[], nowMs: number): Promise<Rollout[]> {
  const waiting = rollouts.filter((rollout) => !isEnded(rollout) && offeredWaves(rollout).length > 0)
  if (waiting.length === 0) return [...rollouts]
  const silent = await silentIn(db, waiting, nowMs)
  return rollouts.map((rollout) => {
    const found = silent.get(rollout.id)
    return found ? { ...rollout, silent: found } : rollout
  })
}

/** One query for all rollouts. It reads only rows with an open offer. */
async function silentIn(db: Db, rollouts: readonly Rollout[], nowMs: number): Promise<Map<RolloutId, SilentDevices>> {
  const rows = await db
    .selectFrom('rollout_members')
    .innerJoin('devices', 'devices.id', 'rollout_members.device_id')
    .leftJoin('device_reports', 'device_reports.device_id', 'rollout_members.device_id')
    .leftJoin('device_links', 'device_links.device_id', 'rollout_members.device_id')
    .select('rollout_members.rollout_id')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min<string>('devices.name').as('first')])
    .where(
      'rollout_members.rollout_id',
      'in',
      rollouts.map(({ id }) => id),
    )
    .where('rollout_members.wave', 'in', [...new Set(rollouts.flatMap(offeredWaves))])
    .where('rollout_members.outcome', '=', 'offered')
    .where((eb) =>
      eb.or([
        eb('device_reports.stale_at_ms', '<', nowMs),
        eb('device_reports.stale_at_ms', 'is', null),
        eb('device_links.ended_at_ms', 'is not', null),
      ]),
    )
    .groupBy('rollout_members.rollout_id')
    .execute()
  return new Map(rows.map(({ rollout_id, count, first }) => [rollout_id, { count, first }]))
}

const offeredWaves = ({ waves }: Rollout): number[] =>
  waves.flatMap(({ counts }, wave) => (counts.offered > 0 ? [wave] : []))
