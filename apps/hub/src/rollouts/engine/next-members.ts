/** Next members: which devices of a wave are offered a revision next, where a rate or a budget does not let all be. */

import type { Budget } from '@skerry/contract/deployments/pace'
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { windowAt } from '@skerry/core/device/update-hold'
import type { MemberChange, MemberChoice } from '@skerry/core/rollouts/member-change'
import { roomInGroup, unavailableOutcomes } from '@skerry/core/rollouts/offer-budget'
import { windowStart } from '@skerry/platform/process/window-starts'
import type { Tx } from '../../store/store.ts'

type Next = Extract<MemberChoice, { kind: 'next' }>
type Choosing = Pick<MemberChange, 'wave' | 'from'> & { rolloutId: RolloutId; which: Next; nowMs: number }

/** Devices that one statement may name: SQLite binds 32,766 values at most, and a query of a thousand is prepared once. */
const ONE_OFFER_MAX = 1_000

/** By id, so that another hub would choose the same; at most a thousand, since the next look is a second away. */
export async function nextMembers(tx: Tx, choosing: Choosing): Promise<DeviceId[]> {
  const { atMost = ONE_OFFER_MAX, budget, window } = choosing.which
  if (window && windowAt(window, { timeMs: choosing.nowMs, windowStart }).kind !== 'open') return []
  const limit = Math.min(atMost, ONE_OFFER_MAX)
  if (!budget) return (await candidates(tx, choosing).limit(limit).execute()).map(({ device_id }) => device_id)
  const rooms = await roomsOf(tx, choosing, budget)
  const largest = Math.max(0, ...rooms.values())
  if (largest === 0) return []
  const rows = await tx
    .selectFrom(
      candidates(tx, choosing)
        .select(({ fn }) =>
          fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('budget_group').orderBy('device_id'))
            .as('place'),
        )
        .as('candidates'),
    )
    .select(['device_id', 'budget_group', 'place'])
    .where('place', '<=', largest)
    .orderBy('device_id')
    .execute()
  return rows
    .filter(({ budget_group, place }) => place <= (rooms.get(budget_group) ?? 0))
    .slice(0, limit)
    .map(({ device_id }) => device_id)
}

const candidates = (tx: Tx, { rolloutId, wave, from }: Choosing) =>
  tx
    .selectFrom('rollout_members')
    .select(['device_id', 'budget_group'])
    .where('rollout_id', '=', rolloutId)
    .where('wave', '=', wave)
    .where('outcome', '=', from)
    .orderBy('device_id')

/** How many more of each group may be offered it. Reads each row of the rollout once. */
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
