/** Data store: the versions of the data with which the devices of a campaign trained. */
import type { DataVersion } from '@skerry/contract/campaigns/data-version'
import type { CampaignId, DeviceId } from '@skerry/contract/values/ids'
import { changedCount, comparedData, type DataCounts, type DatedVersion } from '@skerry/core/campaigns/data-versions'
import type { Db, Tx } from '../../store/store.ts'
import type { CampaignParticipantTable } from '../../store/tables/learning/campaign-tables.ts'

type DataColumns = Pick<CampaignParticipantTable, 'data_fingerprint' | 'data_rows'>

/** The data of a training; undefined if the device has reported none. */
const versionIn = ({ data_fingerprint: fingerprint, data_rows: rows }: DataColumns): DataVersion | undefined =>
  fingerprint === null || rows === null ? undefined : { fingerprint, rows: Number(rows) }

/** For each device of the round that reported its data: its newest training in an earlier round. */
export async function earlierVersions(
  db: Db,
  { campaign, round }: { campaign: CampaignId; round: number },
): Promise<Map<DeviceId, DatedVersion>> {
  const rows = await db
    .selectFrom('campaign_participants as now')
    .innerJoin('campaign_participants as before', (join) =>
      join
        .onRef('before.campaign_id', '=', 'now.campaign_id')
        .onRef('before.device_id', '=', 'now.device_id')
        .on('before.data_fingerprint', 'is not', null)
        // The index finds the round, so that the work does not grow with the rounds.
        .on('before.round', '=', (eb) =>
          eb
            .selectFrom('campaign_participants as earlier')
            .select(({ fn }) => fn.max('earlier.round').as('round'))
            .whereRef('earlier.campaign_id', '=', 'now.campaign_id')
            .whereRef('earlier.device_id', '=', 'now.device_id')
            .whereRef('earlier.round', '<', 'now.round')
            .where('earlier.data_fingerprint', 'is not', null),
        ),
    )
    .select(['before.device_id', 'before.round', 'before.data_fingerprint', 'before.data_rows'])
    .where('now.campaign_id', '=', campaign)
    .where('now.round', '=', round)
    .where('now.data_fingerprint', 'is not', null)
    .orderBy('before.attempt')
    .execute()
  const found = rows.flatMap((row) => {
    const version = versionIn(row)
    return version ? [[row.device_id, { ...version, round: row.round }] as const] : []
  })
  return new Map(found)
}

/** The devices among the participants of a round whose data has changed; undefined if none reported its data. */
export async function changedDevices(
  tx: Tx,
  participants: readonly CampaignParticipantTable[],
): Promise<number | undefined> {
  const rounds = new Map<number, Map<DeviceId, DatedVersion>>()
  const compared = []
  for (const row of participants) {
    const { campaign_id: campaign, round } = row
    const version = versionIn(row)
    if (!version) continue
    const earlier = rounds.get(round) ?? (await earlierVersions(tx, { campaign, round }))
    rounds.set(round, earlier)
    compared.push(comparedData(version, earlier.get(row.device_id)))
  }
  return changedCount(compared)
}

type Joined = { campaign: CampaignId; round: number; attempt: number }

/** The updates of this attempt that count are in the weights of its round. */
export async function noteJoined(tx: Tx, { campaign, round, attempt }: Joined): Promise<void> {
  await tx
    .updateTable('campaign_participants')
    .set({ joined_round: round })
    .where('campaign_id', '=', campaign)
    .where('round', '=', round)
    .where('attempt', '=', attempt)
    .where('state', 'in', ['counted', 'bounded'])
    .execute()
}

/** The data behind the weights of a round: that of all updates since the first round. */
export async function dataCounts(db: Db, campaign: CampaignId, round: number): Promise<DataCounts> {
  const joined = db
    .selectFrom('campaign_participants')
    .where('campaign_id', '=', campaign)
    .where('joined_round', '<=', round)
  const known = joined
    .select(['device_id', 'data_fingerprint'])
    .where('data_fingerprint', 'is not', null)
    .distinct()
    .as('known')
  const counted = await db
    .selectFrom(known)
    .select(({ fn }) => [
      fn.countAll<number>().as('versions'),
      fn.count<number>('known.device_id').distinct().as('devices'),
    ])
    .executeTakeFirstOrThrow()
  const others = await joined
    .select(({ fn }) => fn.count<number>('device_id').distinct().as('devices'))
    .where('data_fingerprint', 'is', null)
    .executeTakeFirstOrThrow()
  return { versions: Number(counted.versions), devices: Number(counted.devices), unknown: Number(others.devices) }
}
