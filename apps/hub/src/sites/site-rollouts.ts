/** Site rollouts: what is under way at a site, and how its devices fare in it. */
import { SITE_ROLLOUTS_MAX, type SiteRollout } from '@skerry/contract/api/fleet/site-procedures'
import type { OutcomeCounts } from '@skerry/contract/rollouts/rollout'
import type { OrganisationId, RolloutId, SiteId } from '@skerry/contract/values/ids'
import { NO_COUNTS } from '@skerry/core/rollouts/wave-verdict'
import { rolloutViews } from '../rollouts/rollout-store.ts'
import type { Db } from '../store/store.ts'

/** Newest first. It begins at the devices of the site, so it costs as they are many. */
export async function siteRollouts(db: Db, organisationId: OrganisationId, siteId: SiteId): Promise<SiteRollout[]> {
  const rows = await db
    .selectFrom('devices')
    .innerJoin('rollout_members', 'rollout_members.device_id', 'devices.id')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
    .select(['rollout_members.rollout_id', 'rollout_members.outcome'])
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('devices.site_id', '=', siteId)
    .where('rollouts.status', 'in', ['rolling', 'paused'])
    .groupBy(['rollout_members.rollout_id', 'rollout_members.outcome'])
    .execute()
  const counts = new Map<RolloutId, OutcomeCounts>()
  for (const { rollout_id, outcome, count } of rows) {
    counts.set(rollout_id, { ...(counts.get(rollout_id) ?? NO_COUNTS), [outcome]: count })
  }
  const rollouts = await rolloutViews(db, { organisationId, ids: [...counts.keys()], limit: SITE_ROLLOUTS_MAX })
  return rollouts.map((rollout) => ({ rollout, counts: counts.get(rollout.id) ?? NO_COUNTS }))
}
