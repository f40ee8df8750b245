/** Take sum: judges the sum of a site, and counts all of its updates by it, or none. */
import type { SumReply, SumReport } from '@skerry/contract/campaigns/site-sum'
import type { CampaignId } from '@skerry/contract/values/ids'
import { admitSum, type SumVerdict } from '@skerry/core/campaigns/site-sums/site-sum'
import { bytesOfWeights, isFiniteWeights, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { digestOf } from '@skerry/platform/files/hash'
import { problem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import { fromJson } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { DeviceTable } from '../../store/tables/foundation-tables.ts'
import type { CampaignTable } from '../../store/tables/learning/campaign-tables.ts'
import { readWeights, type StoredBlob, storeBlob } from '../campaign-blobs.ts'
import { findCampaignById } from '../campaign-store.ts'
import { type Attempt, participantsOf, saveReport } from '../participant-store.ts'
import { sumElements, sumFormOf } from './take-offer.ts'

export type TakenSum = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  campaign: CampaignId
  round: number
  attempt: number
  report: SumReport
  bytes: Uint8Array
}

/** A sum that comes again is counted once. */
export async function takeSum(hub: Hub, taken: TakenSum): Promise<SumReply> {
  const { device, campaign } = taken
  const row = await findCampaignById(hub.store.db, campaign)
  if (row?.organisation_id !== device.organisation_id) throw problem('campaign_unknown')
  const { facts, update } = await bytesIn(hub, row, taken)
  // Judged before the bytes are stored, and again with the record.
  const first = await judgeSum(hub.store.db, hub, { ...taken, facts })
  const verdict =
    first.kind === 'counted'
      ? await storeBlob(hub, { organisationId: device.organisation_id, bytes: update }, (tx, blob) =>
          recordSum(tx, hub, { ...taken, facts, blob }),
        )
      : first
  if (verdict.kind !== 'refused') {
    hub.bus.publish('campaign.changed', campaign)
    return { counted: true }
  }
  const { code, message } = verdict
  hub.log.warn('campaign_sum_refused', { campaign, device: device.name, code, message })
  return { counted: false, reason: message }
}

type BytesFacts = Parameters<typeof admitSum>[0]['bytes']

/** `update`: the sum as weights, or as masked words. */
async function bytesIn(
  hub: Hub,
  row: CampaignTable,
  { report, bytes }: TakenSum,
): Promise<{ facts: BytesFacts; update: Uint8Array }> {
  const elements = sumElements(row)
  const facts = {
    size: bytes.byteLength,
    wanted: elements * 4,
    isRight: digestOf(bytes) === report.digest,
    isFinite: true,
  }
  const form = sumFormOf(row)
  const values = form === 'words' ? undefined : weightsOfBytes(bytes, elements)
  if (!values) return { facts, update: bytes }
  const areFinite = isFiniteWeights(values)
  if (form === 'weights' || !areFinite) return { facts: { ...facts, isFinite: areFinite }, update: bytes }
  const start = await readWeights(hub, row.weights_digest, elements, hub.signal)
  const weights = start.map((value, at) => value + (values[at] ?? 0))
  return { facts: { ...facts, isFinite: isFiniteWeights(weights) }, update: bytesOfWeights(weights) }
}

type Judging = TakenSum & { facts: BytesFacts }

const attemptOf = ({ campaign, round, attempt }: TakenSum): Attempt => ({ campaign, round, attempt })

async function judgeSum(db: Db, hub: Hub, it: Judging): Promise<SumVerdict> {
  const row = await findCampaignById(db, it.campaign)
  if (!row) throw problem('campaign_unknown')
  const known = new Map((await participantsOf(db, attemptOf(it))).map((one) => [one.device_id, one]))
  const updates = it.report.updates.map(({ device, digest }) => {
    const found = known.get(device)
    const { offer, sum } = found ? fromJson(found.outcome) : {}
    return { device, digest, participant: found && { state: found.state, offer, mark: sum } }
  })
  return admitSum({
    course: fromJson(row.course),
    isWanted: fromJson(row.spec).aggregate === 'site',
    round: it.round,
    attempt: it.attempt,
    aggregator: it.device.id,
    digest: it.report.digest,
    bytes: it.facts,
    updates,
    nowMs: hub.clock.nowMs(),
  })
}

type Recording = Judging & { blob: StoredBlob }

/** The figures of the round count the received bytes once, with the first update. */
async function recordSum(tx: Tx, hub: Hub, it: Recording): Promise<SumVerdict> {
  const verdict = await judgeSum(tx, hub, it)
  if (verdict.kind !== 'counted') return verdict
  const { device, report, bytes, blob } = it
  const known = new Map((await participantsOf(tx, attemptOf(it))).map((one) => [one.device_id, one]))
  const carrier = report.updates[0]?.device ?? device.id
  for (const update of report.updates) {
    const found = known.get(update.device)
    const figures = found && fromJson(found.outcome).offer?.figures
    const sum = { by: device.id, name: device.name, sum: report.digest, digest: update.digest, carrier }
    await saveReport(tx, attemptOf(it), update.device, {
      state: 'counted',
      outcome: { ...figures, sum },
      update: { digest: blob.digest, sizeBytes: update.device === carrier ? bytes.byteLength : 0 },
      nowMs: hub.clock.nowMs(),
    })
  }
  return verdict
}
