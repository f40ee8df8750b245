/** Participant store: the devices of each attempt of a round, and the data that devices offer. */
import type { CampaignParticipant, ParticipantState } from '@skerry/contract/campaigns/campaign'
import type { OfferedData } from '@skerry/contract/held/campaigns'
import type { Digest } from '@skerry/contract/values/digest'
import type { CampaignId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { RoundTally } from '@skerry/core/campaigns/course'
import { comparedData, type DatedVersion } from '@skerry/core/campaigns/data-versions'
import { fromJson, toJson } from '../store/json-column.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type {
  CampaignParticipantTable,
  CampaignTable,
  ParticipantOutcome,
} from '../store/tables/learning/campaign-tables.ts'

export type Attempt = { campaign: CampaignId; round: number; attempt: number }

export type Chosen = { id: DeviceId; name: string }

export async function insertParticipants(
  tx: Tx,
  { id, organisation_id }: Pick<CampaignTable, 'id' | 'organisation_id'>,
  { round, attempt, devices, nowMs }: { round: number; attempt: number; devices: readonly Chosen[]; nowMs: number },
): Promise<void> {
  const rows = devices.map(
    (device): CampaignParticipantTable => ({
      campaign_id: id,
      organisation_id,
      round,
      attempt,
      device_id: device.id,
      device: device.name,
      state: 'asked',
      update_digest: null,
      update_bytes: null,
      outcome: toJson({}),
      at_ms: nowMs,
      data_fingerprint: null,
      data_rows: null,
      joined_round: null,
    }),
  )
  for (const piece of piecesOf(rows)) await tx.insertInto('campaign_participants').values(piece).execute()
}

const ofAttempt = (db: Db, { campaign, round, attempt }: Attempt) =>
  db
    .selectFrom('campaign_participants')
    .selectAll()
    .where('campaign_id', '=', campaign)
    .where('round', '=', round)
    .where('attempt', '=', attempt)

export const participantsOf = (db: Db, attempt: Attempt): Promise<CampaignParticipantTable[]> =>
  ofAttempt(db, attempt).orderBy('device_id').execute()

export const findParticipant = (
  db: Db,
  attempt: Attempt,
  device: DeviceId,
): Promise<CampaignParticipantTable | undefined> =>
  ofAttempt(db, attempt).where('device_id', '=', device).executeTakeFirst()

/** All attempts of a round, by name. */
export const participantsOfRound = (
  db: Db,
  campaign: CampaignId,
  round: number,
  limit: number,
): Promise<CampaignParticipantTable[]> =>
  db
    .selectFrom('campaign_participants')
    .selectAll()
    .where('campaign_id', '=', campaign)
    .where('round', '=', round)
    .orderBy('device')
    .orderBy('attempt')
    .limit(limit)
    .execute()

export async function tallyOf(db: Db, { campaign, round, attempt }: Attempt): Promise<RoundTally> {
  const rows = await db
    .selectFrom('campaign_participants')
    .select('state')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('campaign_id', '=', campaign)
    .where('round', '=', round)
    .where('attempt', '=', attempt)
    .groupBy('state')
    .execute()
  const count = (...states: ParticipantState[]) =>
    rows.reduce((sum, row) => sum + (states.includes(row.state) ? Number(row.count) : 0), 0)
  return {
    asked: count('asked'),
    reported: count('counted', 'bounded', 'evaluated'),
    ended: count('rejected', 'failed', 'late'),
  }
}

export type StoredReport = {
  state: ParticipantState
  outcome: ParticipantOutcome
  /** The digest is null if the update has been used. */
  update: { digest: Digest | null; sizeBytes: number } | undefined
  /** The round whose weights its update is in. */
  joinedRound?: number
  nowMs: number
}

/** The record keeps how many bytes the update had. */
export const usedUpdate = ({ update_bytes }: Pick<CampaignParticipantTable, 'update_bytes'>): StoredReport['update'] =>
  update_bytes === null ? undefined : { digest: null, sizeBytes: Number(update_bytes) }

export async function saveReport(
  tx: Tx,
  { campaign, round, attempt }: Attempt,
  device: DeviceId,
  { state, outcome, update, joinedRound, nowMs }: StoredReport,
): Promise<void> {
  await tx
    .updateTable('campaign_participants')
    .set({
      state,
      outcome: toJson(outcome),
      update_digest: update?.digest ?? null,
      update_bytes: update?.sizeBytes ?? null,
      at_ms: nowMs,
      data_fingerprint: outcome.data?.fingerprint ?? null,
      data_rows: outcome.data?.rows ?? null,
      ...(joinedRound !== undefined && { joined_round: joinedRound }),
    })
    .where('campaign_id', '=', campaign)
    .where('round', '=', round)
    .where('attempt', '=', attempt)
    .where('device_id', '=', device)
    .execute()
}

/** A buffer has updates of so many rounds before. */
export const OLDER_ROUNDS = 9

/** The round is over, and those before: devices that have not reported are late. No update has a reference any more. */
export async function closeRound(tx: Tx, { campaign, round }: Omit<Attempt, 'attempt'>, nowMs: number): Promise<void> {
  const ofRound = tx
    .updateTable('campaign_participants')
    .where('campaign_id', '=', campaign)
    .where('round', '>=', round - OLDER_ROUNDS)
    .where('round', '<=', round)
  await ofRound.set({ state: 'late', at_ms: nowMs }).where('state', '=', 'asked').execute()
  await ofRound.set({ update_digest: null }).where('update_digest', 'is not', null).execute()
}

/** The updates of a round, and of those before, that the hub still holds. */
export async function updatesOf(db: Db, campaign: CampaignId, round: number): Promise<Digest[]> {
  const rows = await db
    .selectFrom('campaign_participants')
    .select('update_digest')
    .where('campaign_id', '=', campaign)
    .where('round', '>=', round - OLDER_ROUNDS)
    .where('round', '<=', round)
    .where('update_digest', 'is not', null)
    .execute()
  return rows.flatMap(({ update_digest }) => update_digest ?? [])
}

/** The participations that a device may have orders for. In a masked round, also after its update has arrived. */
export const openParticipations = (db: Db, device: DeviceId): Promise<CampaignParticipantTable[]> =>
  db
    .selectFrom('campaign_participants')
    .selectAll()
    .where('device_id', '=', device)
    .where(({ or, and, eb }) =>
      or([eb('state', '=', 'asked'), and([eb('state', '=', 'counted'), eb('update_digest', 'is not', null)])]),
    )
    .orderBy('campaign_id')
    .execute()

/** `before`: the training of the device in an earlier round. */
export function participantOf(row: CampaignParticipantTable, before?: DatedVersion): CampaignParticipant {
  const { rows, data, norm, code, message, sum } = fromJson(row.outcome)
  return {
    device: row.device,
    round: row.round,
    attempt: row.attempt,
    state: row.state,
    ...(rows !== undefined && { rows }),
    ...(data && { data: comparedData(data, before) }),
    ...(norm !== undefined && { norm }),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
    ...(row.update_bytes !== null && { bytes: Number(row.update_bytes) }),
    ...(sum && { summedBy: sum.name }),
    atMs: Number(row.at_ms),
  }
}

/** The data that devices of the organisation offer. Most devices offer none, and have no row. */
export async function offersOf(db: Db, organisationId: OrganisationId): Promise<Map<DeviceId, OfferedData[]>> {
  const rows = await db
    .selectFrom('campaign_devices')
    .select(['device_id', 'data'])
    .where('organisation_id', '=', organisationId)
    .execute()
  return new Map(rows.map(({ device_id, data }) => [device_id, fromJson(data)]))
}

export async function offerOf(db: Db, device: DeviceId): Promise<OfferedData[]> {
  const row = await db.selectFrom('campaign_devices').select('data').where('device_id', '=', device).executeTakeFirst()
  return row ? fromJson(row.data) : []
}

/** Stores the offer of a device; none removes the record. */
export async function saveOffer(
  tx: Tx,
  { deviceId, organisationId }: { deviceId: DeviceId; organisationId: OrganisationId },
  data: OfferedData[],
): Promise<void> {
  if (data.length === 0) {
    await tx.deleteFrom('campaign_devices').where('device_id', '=', deviceId).execute()
    return
  }
  const said = { data: toJson(data) }
  await tx
    .insertInto('campaign_devices')
    .values({ device_id: deviceId, organisation_id: organisationId, ...said })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(said))
    .execute()
}
