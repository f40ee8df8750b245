/** Offer store: the updates that devices give to the aggregator of their site, and how they came to the hub. */

import type { DeviceId, SiteId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { CampaignParticipantTable, StoredOffer } from '../../store/tables/learning/campaign-tables.ts'
import type { Attempt } from '../participant-store.ts'

/** The participant waits for the sum of its site. It stays `asked`, so that it can still send its update itself. */
export async function saveSumOffer(tx: Tx, row: CampaignParticipantTable, offer: StoredOffer): Promise<void> {
  await tx
    .updateTable('campaign_participants')
    .set({ outcome: toJson({ offer }) })
    .where('campaign_id', '=', row.campaign_id)
    .where('round', '=', row.round)
    .where('attempt', '=', row.attempt)
    .where('device_id', '=', row.device_id)
    .where('state', '=', 'asked')
    .execute()
}

/** The participants of the site that have not reported. */
export async function countAwaited(db: Db, { campaign, round, attempt }: Attempt, site: SiteId): Promise<number> {
  const { count } = await db
    .selectFrom('campaign_participants')
    .innerJoin('devices', 'devices.id', 'campaign_participants.device_id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('campaign_participants.campaign_id', '=', campaign)
    .where('campaign_participants.round', '=', round)
    .where('campaign_participants.attempt', '=', attempt)
    .where('campaign_participants.state', '=', 'asked')
    .where('devices.site_id', '=', site)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The participants whose updates are with an aggregator. The outcome of all others that have not reported is empty. */
export async function offersIn(
  db: Db,
  { campaign, round, attempt }: Attempt,
): Promise<{ device: DeviceId; offer: StoredOffer }[]> {
  const rows = await db
    .selectFrom('campaign_participants')
    .select(['device_id', 'outcome'])
    .where('campaign_id', '=', campaign)
    .where('round', '=', round)
    .where('attempt', '=', attempt)
    .where('state', '=', 'asked')
    .where('outcome', '!=', toJson({}))
    .execute()
  return rows.flatMap(({ outcome, device_id: device }) => {
    const { offer } = fromJson(outcome)
    return offer ? [{ device, offer }] : []
  })
}
