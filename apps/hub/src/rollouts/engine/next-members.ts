/** Next members: the devices of a wave that get the next offers, if a rate or a budget does not allow all of them. */

import type { Budget } from '@skerry/contract/deployments/pace'
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { windowAt } from '@skerry/core/device/update-hold'
import type { MemberChange, MemberChoice } from '@skerry/core/rollouts/member-change'
import { OFFER_RANKS, offerRank, roomInGroup, unavailableOutcomes } from '@skerry/core/rollouts/offer-budget'
import { windowStart } from '@skerry/platform/process/window-starts'
import { sql } from 'kysely'
import type { Tx } from '../../store/store.ts'

type Next = Extract<MemberChoice, { kind: 'next' }>
type Choosing = Pick<MemberChange, 'wave' | 'from'> & { rolloutId: RolloutId; which: Next; nowMs: number }

/** Devices in one statement: SQLite binds 32,766 values at most, and a query with a thousand is prepared once. */
const ONE_OFFER_MAX = 1_000

/**
 * Connected devices first, then by id, so that another hub would choose the same. At most a thousand, because the next pass is a second away.
 */
export async function nextMembers(tx: Tx, choosing: Choosing): Promise<DeviceId[]> {
  const { atMost = ONE_OFFER_MAX, budget, window } = choosing.which
  if (window && windowAt(window, { timeMs: choosing.nowMs, windowStart }).kind !== 'open') return []
  const limit = Math.min(atMost, ONE_OFFER_MAX)
  if (!budget) return nextOf(tx, choosing, limit)
  const rooms = await roomsOf(tx, choosing, budget)
  const largest = Math.max(0, ...rooms.values())
  if (largest === 0) return []
  const rows = await tx
    .selectFrom(
      candidates(tx, choosing)
        .select(rankOf(choosing).as('rank'))
        .select(({ fn }) =>
          fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('budget_group').orderBy(rankOf(choosing)).orderBy('device_id'))
            .as('place'),
        )
        .as('candidates'),
    )
    .select(['device_id', 'budget_group', 'place'])
    .where('place', '<=', largest)
    .orderBy('rank')
    .orderBy('device_id')
    .execute()
  return rows
    .filter(({ budget_group, place }) => place <= (rooms.get(budget_group) ?? 0))
    .slice(0, limit)
    .map(({ device_id }) => device_id)
}

/** Without a budget, the rows are read in the order of the index, and only until there are enough. */
async function nextOf(tx: Tx, choosing: Choosing, limit: number): Promise<DeviceId[]> {
  const chosen: DeviceId[] = []
  for (const rank of OFFER_RANKS) {
    if (chosen.length === limit) break
    const rows = await candidates(tx, choosing)
      .where(rankOf(choosing), '=', rank)
      .limit(limit - chosen.length)
      .execute()
    chosen.push(...rows.map(({ device_id }) => device_id))
  }
  return chosen
}

/** The rank of core's `offerRank` in SQL: devices that are connected and report come first. */
const rankOf = ({ nowMs }: Choosing) =>
  sql<number>`case when exists (
    select 1 from device_reports
    left join device_links on device_links.device_id = device_reports.device_id
    where device_reports.device_id = rollout_members.device_id
      and device_reports.stale_at_ms >= ${nowMs} and device_links.ended_at_ms is null
  ) then ${sql.lit(offerRank({ isConnected: true }))} else ${sql.lit(offerRank({ isConnected: false }))} end`

const candidates = (tx: Tx, { rolloutId, wave, from }: Choosing) =>
  tx
    .selectFrom('rollout_members')
    .select(['device_id', 'budget_group'])
    .where('rollout_id', '=', rolloutId)
    .where('wave', '=', wave)
    .where('outcome', '=', from)
    .orderBy('device_id')

/** The number of further offers for each group. Reads each row of the rollout once. */
async function roomsOf(tx: Tx, { rolloutId }: Choosing, budget: Budget): Promise<Map<string, number>> {
  const groups = await tx
    .selectFrom('rollout_members')
    .select(({ fn, eb }) => [
      'budget_group',
      fn.countAll<number>().as('size'),
      fn
        .sum<number>(
          eb
            .case()
            .when('outcome', 'in', unavailableOutcomes({ isLeaving: true }))
            .then(1)
            .when(eb.and([eb('leaving', 'is', null), eb('outcome', 'in', unavailableOutcomes({ isLeaving: false }))]))
            .then(1)
            .else(0)
            .end(),
        )
        .as('unavailable'),
    ])
    .where('rollout_id', '=', rolloutId)
    .groupBy('budget_group')
    .execute()
  return new Map(
    groups.map(({ budget_group, size, unavailable }) => [
      budget_group,
      roomInGroup(budget, { size: Number(size), unavailable: Number(unavailable) }),
    ]),
  )
}
