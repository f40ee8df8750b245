/** Buffer store: the participants of a campaign whose devices do not wait for each other, over several rounds. */
import type { CampaignId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { CampaignParticipantTable } from '../store/tables/learning/campaign-tables.ts'

/** The rounds from one to another, both included. */
export type RoundSpan = { campaign: CampaignId; from: number; to: number }

/** Devices that train, and updates that are in no sum yet. */
export const bufferOf = (db: Db, { campaign, from, to }: RoundSpan): Promise<CampaignParticipantTable[]> =>
  db
    .selectFrom('campaign_participants')
    .selectAll()
    .where('campaign_id', '=', campaign)
    .where('round', '>=', from)
    .where('round', '<=', to)
    .where(({ or, and, eb }) =>
      or([eb('state', '=', 'asked'), and([eb('state', '=', 'counted'), eb('update_digest', 'is not', null)])]),
    )
    .orderBy('round')
    .orderBy('attempt')
    .orderBy('device_id')
    .execute()

/** Devices whose training began before this time are not awaited any more. */
export async function markExpired(tx: Tx, { campaign, from, to }: RoundSpan, beforeMs: number, nowMs: number) {
  await tx
    .updateTable('campaign_participants')
    .set({ state: 'late', at_ms: nowMs })
    .where('campaign_id', '=', campaign)
    .where('round', '>=', from)
    .where('round', '<=', to)
    .where('state', '=', 'asked')
    .where('at_ms', '<', beforeMs)
    .execute()
}
