/** Mask store: the messages of masked rounds. The hub cannot read the shares that it passes from one device to another. */
import type { MaskStage } from '@skerry/contract/campaigns/masking'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { CampaignMaskTable } from '../store/tables/learning/campaign-tables.ts'
import type { Attempt } from './participant-store.ts'

/** `to` is missing if the message is for the hub. */
export type MaskMessage = { to?: DeviceId; content: string }

type Sender = Attempt & { organisationId: OrganisationId; stage: MaskStage; device: DeviceId }

export async function insertMessages(tx: Tx, sender: Sender, messages: readonly MaskMessage[]): Promise<void> {
  const { campaign, organisationId, round, attempt, stage, device } = sender
  const rows = messages.map(
    ({ to, content }): CampaignMaskTable => ({
      campaign_id: campaign,
      organisation_id: organisationId,
      round,
      attempt,
      stage,
      to_device_id: to ?? '',
      device_id: device,
      content,
    }),
  )
  for (const piece of piecesOf(rows)) await tx.insertInto('campaign_masks').values(piece).execute()
}

const ofStage = (db: Db, { campaign, round, attempt }: Attempt, stage: MaskStage) =>
  db
    .selectFrom('campaign_masks')
    .where('campaign_id', '=', campaign)
    .where('round', '=', round)
    .where('attempt', '=', attempt)
    .where('stage', '=', stage)

/** The devices that have answered in the stage, by id. */
export async function sendersOf(db: Db, attempt: Attempt, stage: MaskStage): Promise<DeviceId[]> {
  const rows = await ofStage(db, attempt, stage).select('device_id').distinct().orderBy('device_id').execute()
  return rows.map(({ device_id }) => device_id)
}

export async function countSenders(db: Db, attempt: Attempt, stage: MaskStage): Promise<number> {
  const { count } = await ofStage(db, attempt, stage)
    .select(({ fn }) => fn.count<number>('device_id').distinct().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function hasSent(db: Db, attempt: Attempt, stage: MaskStage, device: DeviceId): Promise<boolean> {
  const row = await ofStage(db, attempt, stage).select('device_id').where('device_id', '=', device).executeTakeFirst()
  return row !== undefined
}

/** The messages of a stage to one device; to the hub if no device is given. */
export async function messagesTo(
  db: Db,
  attempt: Attempt,
  stage: MaskStage,
  to?: DeviceId,
): Promise<Map<DeviceId, string>> {
  const rows = await ofStage(db, attempt, stage)
    .select(['device_id', 'content'])
    .where('to_device_id', '=', to ?? '')
    .orderBy('device_id')
    .execute()
  return new Map(rows.map(({ device_id, content }) => [device_id, content]))
}

/** Devices that have not answered in a stage before its end take no further part in the attempt. */
export async function markLate(tx: Tx, attempt: Attempt, stage: MaskStage, nowMs: number): Promise<void> {
  await tx
    .updateTable('campaign_participants')
    .set({ state: 'late', at_ms: nowMs })
    .where('campaign_id', '=', attempt.campaign)
    .where('round', '=', attempt.round)
    .where('attempt', '=', attempt.attempt)
    .where('state', '=', 'asked')
    .where('device_id', 'not in', ofStage(tx, attempt, stage).select('device_id'))
    .execute()
}

/** All attempts of the round. The shares of a round that is over could only be misused. */
export async function dropMessages(tx: Tx, { campaign, round }: Omit<Attempt, 'attempt'>): Promise<void> {
  await tx.deleteFrom('campaign_masks').where('campaign_id', '=', campaign).where('round', '=', round).execute()
}
