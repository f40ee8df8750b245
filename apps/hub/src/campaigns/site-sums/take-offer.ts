/** Take offer: a device has its update, and the hub names the aggregator of its site for the bytes. */
import type { SumForm, SumPass } from '@skerry/contract/campaigns/site-sum'
import type { CampaignUpdateReply } from '@skerry/contract/campaigns/update'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { ReportVerdict } from '@skerry/core/campaigns/admit-report'
import { sumTimes } from '@skerry/core/campaigns/site-sums/site-sum'
import { weightOfRows } from '@skerry/core/campaigns/strategy'
import { signSumPass } from '@skerry/platform/campaigns/sum-pass'
import { findDeviceById } from '../../devices/device-store.ts'
import type { Hub } from '../../hub.ts'
import { fromJson } from '../../store/json-column.ts'
import type { Db } from '../../store/store.ts'
import type { DeviceTable } from '../../store/tables/foundation-tables.ts'
import type { CampaignTable, ParticipantOutcome, StoredOffer } from '../../store/tables/learning/campaign-tables.ts'
import { type Attempt, findParticipant } from '../participant-store.ts'
import { type Aggregator, aggregatorFor } from './aggregator.ts'
import { countAwaited, saveSumOffer } from './offer-store.ts'

export type TakenOffer = {
  device: Pick<DeviceTable, 'id'>
  row: CampaignTable
  attempt: Attempt
  digest: Digest
  figures: ParticipantOutcome
  /** The verdict on the report, if its bytes were right. */
  judge(db: Db): Promise<ReportVerdict>
}

const NEEDS_BYTES: CampaignUpdateReply = { counted: false, needsBytes: true }

/** An update that is part of a counted sum is counted. Otherwise the reply says where its bytes go. */
export async function takeOffer(hub: Hub, it: TakenOffer): Promise<CampaignUpdateReply> {
  const { device, attempt, digest } = it
  if (await isSummed(hub.store.db, attempt, { device: device.id, digest })) return { counted: true }
  const verdict = await it.judge(hub.store.db)
  if (verdict.kind === 'ignored') return { counted: false, reason: verdict.message }
  const isWanted =
    fromJson(it.row.spec).aggregate === 'site' && verdict.kind === 'stored' && verdict.state === 'counted'
  const row = isWanted ? await findDeviceById(hub.store.db, device.id) : undefined
  const aggregator = row && (await aggregatorFor(hub, row))
  const offer = aggregator && (await recordOffer(hub, it, aggregator))
  if (!row || !aggregator || !offer) return NEEDS_BYTES
  return { counted: false, sum: await placeOf(hub, it, { device: row, aggregator, offer }) }
}

/** Whether exactly this update of the device has come in the sum of its site. */
export async function isSummed(db: Db, attempt: Attempt, { device, digest }: { device: DeviceId; digest: Digest }) {
  const found = await findParticipant(db, attempt, device)
  return found !== undefined && fromJson(found.outcome).sum?.digest === digest
}

/**
 * Undefined if no sum can have the update in time. A device has one offer in an attempt, so that repeated offers do not
 * hold the round.
 */
async function recordOffer(
  hub: Hub,
  { device, row, attempt, digest, figures, judge }: TakenOffer,
  aggregator: Aggregator,
): Promise<StoredOffer | undefined> {
  return hub.store.transaction(async (tx) => {
    const nowMs = hub.clock.nowMs()
    const verdict = await judge(tx)
    const participant = await findParticipant(tx, attempt, device.id)
    if (verdict.kind !== 'stored' || verdict.state !== 'counted' || participant?.state !== 'asked') return undefined
    const before = fromJson(participant.outcome).offer
    const isSame = before?.digest === digest && before.aggregator === aggregator.device.id
    if (before) return isSame && nowMs < before.sumByMs ? before : undefined
    const times = sumTimes(fromJson(row.course), sumElements(row) * 4, nowMs)
    if (!times) return undefined
    const offer = { aggregator: aggregator.device.id, digest, ...times, figures }
    await saveSumOffer(tx, participant, offer)
    return offer
  })
}

type Agreed = { device: DeviceTable; aggregator: Aggregator; offer: StoredOffer }

async function placeOf(
  hub: Hub,
  { row, attempt, digest, figures }: TakenOffer,
  { device, aggregator, offer: { sumByMs, endMs } }: Agreed,
): Promise<CampaignUpdateReply['sum']> {
  const form = sumFormOf(row)
  const pass: SumPass = {
    v: 1,
    ...attempt,
    device: device.id,
    deviceKey: device.public_key_hash,
    aggregatorKey: aggregator.device.public_key_hash,
    digest,
    form,
    elements: sumElements(row),
    weight: form === 'words' ? 1 : weightOfRows(figures.rows ?? 1),
    expected: Math.max(1, await countAwaited(hub.store.db, attempt, device.site_id)),
    sumByMs,
    expiresAtMs: endMs,
  }
  return {
    device: aggregator.device.name,
    address: aggregator.address,
    key: aggregator.device.public_key_hash,
    pass: signSumPass(pass, hub.signing),
    waitMs: Math.max(0, endMs - hub.clock.nowMs()),
  }
}

export function sumFormOf(row: CampaignTable): SumForm {
  const { privacy, compression } = fromJson(row.spec)
  if (privacy?.masks) return 'words'
  return compression === undefined ? 'weights' : 'steps'
}

/** A masked update has one word more, its weight. */
export const sumElements = (row: CampaignTable): number => Number(row.elements) + (sumFormOf(row) === 'words' ? 1 : 0)
