/**
 * Wave facts: the input of the hub's own measures of a wave. They are read as ranges of indexes, so the cost grows with
 * the wave, not with the fleet.
 */
import { setImmediate } from 'node:timers/promises'
import type { ServingStats } from '@skerry/contract/devices/item'
import type { WaveFacts } from '@skerry/core/analysis/analysis-measures'
import { sql } from 'kysely'
import { fromJson } from '../../store/json-column.ts'
import type { Db } from '../../store/store.ts'
import type { RolloutRecord } from '../rollout-store.ts'
import { monitoredFactsOf } from './wave-drift.ts'

/** Devices whose statistics one step parses: some milliseconds. */
const ROWS_AT_ONCE = 1_000

/** The present facts of the wave. */
export async function factsOfWave(db: Db, rollout: RolloutRecord, wave: number): Promise<WaveFacts> {
  const counts = rollout.state.waves[wave]?.counts
  if (!counts) throw new Error(`the rollout has no wave ${wave}`)
  return {
    counts,
    goldenMismatches: counts.failed === 0 ? 0 : await goldenMismatches(db, rollout, wave),
    shadows: await shadowStats(db, rollout, wave),
    serving: await servingStats(db, rollout, wave),
    ...(await monitoredFactsOf(db, rollout, wave)),
  }
}

async function goldenMismatches(db: Db, { id }: RolloutRecord, wave: number): Promise<number> {
  const { count } = await db
    .selectFrom('rollout_members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('rollout_id', '=', id)
    .where('wave', '=', wave)
    .where('outcome', '=', 'failed')
    .where(sql<boolean>`cause like ${'%"code":"golden_mismatch"%'}`)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Statistics of the devices that compared the version as a shadow, whether it passed there or not. */
async function shadowStats(db: Db, { id, deployment_id, revision }: RolloutRecord, wave: number) {
  const rows = await db
    .selectFrom('rollout_members as member')
    .innerJoin('device_items as item', (join) =>
      join
        .onRef('item.device_id', '=', 'member.device_id')
        .on('item.deployment_id', '=', deployment_id)
        .on('item.target_revision', '=', revision),
    )
    .select('item.shadow')
    .where('member.rollout_id', '=', id)
    .where('member.wave', '=', wave)
    .where('item.shadow', 'is not', null)
    .execute()
  return rows.flatMap(({ shadow }) => (shadow === null ? [] : [fromJson(shadow)]))
}

/**
 * Statistics of the devices that serve the version now. Devices on probation are included; devices that rolled back are
 * not.
 */
async function servingStats(db: Db, { id, deployment_id, revision }: RolloutRecord, wave: number) {
  const rows = await db
    .selectFrom('rollout_members as member')
    .innerJoin('device_items as item', (join) =>
      join.onRef('item.device_id', '=', 'member.device_id').on('item.deployment_id', '=', deployment_id),
    )
    .innerJoin('deployment_revisions as wanted', (join) =>
      join
        .on('wanted.deployment_id', '=', deployment_id)
        .on('wanted.revision', '=', revision)
        .onRef('wanted.version', '=', 'item.serving_version'),
    )
    .select('item.stats')
    .where('member.rollout_id', '=', id)
    .where('member.wave', '=', wave)
    .where('member.outcome', 'in', ['offered', 'healthy', 'tolerated', 'failed', 'timed-out'])
    .where('item.stats', 'is not', null)
    .execute()
  const serving: ServingStats[] = []
  for (const [index, { stats }] of rows.entries()) {
    if (stats !== null) serving.push(fromJson(stats))
    if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await setImmediate()
  }
  return serving
}
