/** Take report: judges the report of a device and stores it, with its update if it counts. */
import type { CampaignReport, CampaignUpdateReply } from '@skerry/contract/campaigns/update'
import type { Digest } from '@skerry/contract/values/digest'
import type { CampaignId } from '@skerry/contract/values/ids'
import { admitReport, type ReportVerdict } from '@skerry/core/campaigns/admit-report'
import { staleMaxOf } from '@skerry/core/campaigns/buffered'
import { compressedBytes, expandWeights } from '@skerry/core/campaigns/compression'
import { answersOfRow } from '@skerry/core/campaigns/metric'
import { lineTrouble } from '@skerry/core/campaigns/survey'
import { bytesOfWeights, isFiniteWeights, weightsOfBytes } from '@skerry/core/campaigns/weights'
import { digestOf } from '@skerry/platform/files/hash'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type { CampaignTable, ParticipantOutcome } from '../store/tables/learning/campaign-tables.ts'
import { readWeights, type StoredBlob, storeBlob } from './campaign-blobs.ts'
import { findCampaignById } from './campaign-store.ts'
import { hasSent, insertMessages, type MaskMessage } from './mask-store.ts'
import { NOTHING_REVEALED, readMessages } from './masked-round.ts'
import { type Attempt, findParticipant, saveReport } from './participant-store.ts'
import { isSummed, takeOffer } from './site-sums/take-offer.ts'
import { layoutIn } from './surveys/survey-store.ts'

export type TakenReport = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  campaign: CampaignId
  round: number
  attempt: number
  report: CampaignReport
  bytes: Uint8Array
}

/** A report that comes again, or too late, is answered and changes nothing. */
export async function takeReport(hub: Hub, taken: TakenReport): Promise<CampaignUpdateReply> {
  const { device, campaign, report, bytes } = taken
  const row = await findCampaignById(hub.store.db, campaign)
  if (row?.organisation_id !== device.organisation_id) throw problem('campaign_unknown')
  if (report.kind === 'trained' && report.isOffer) return offered(hub, row, taken, report.digest)
  const messages = await messagesIn(hub, row, taken)
  const update = await updateIn(hub, row, taken)
  const facts = report.kind === 'masking' ? factsOfMessages(messages) : factsOfBytes(row, report, { bytes, update })
  const store = (tx: Tx, blob?: StoredBlob) => record(tx, hub, { ...taken, facts, messages, blob })
  // Judged before the bytes are stored, and again with the record.
  const first = await judge(hub.store.db, hub, { ...taken, facts })
  const isUpdate = first.kind === 'stored' && first.state === 'counted'
  const organisationId = device.organisation_id
  const verdict = isUpdate
    ? await storeBlob(hub, { organisationId, bytes: update }, store)
    : await hub.store.transaction(store)
  if (verdict.kind === 'ignored') return ignored(hub, taken, verdict.message)
  if (verdict.kind === 'exchanged') return exchanged(hub, campaign)
  if (verdict.state === 'rejected')
    hub.log.warn('campaign_update_rejected', { campaign, device: device.name, code: verdict.code })
  hub.bus.publish('campaign.changed', campaign)
  const reason = verdict.message
  return { counted: verdict.state !== 'rejected', ...(reason !== undefined && { reason }) }
}

/** The device may not know yet that the sum of its site has come first. */
async function ignored(hub: Hub, taken: TakenReport, reason: string): Promise<CampaignUpdateReply> {
  const { report, device } = taken
  const isCounted =
    report.kind === 'trained' &&
    (await isSummed(hub.store.db, attemptOf(taken), { device: device.id, digest: report.digest }))
  return isCounted ? { counted: true } : { counted: false, reason }
}

/** The bytes are judged by the aggregator, and their sum by the hub. */
const OFFERED_BYTES: BytesFacts = { size: 0, wanted: 0, isFinite: true, isRight: true }

const offered = (hub: Hub, row: CampaignTable, taken: TakenReport, digest: Digest): Promise<CampaignUpdateReply> =>
  takeOffer(hub, {
    ...taken,
    row,
    digest,
    attempt: attemptOf(taken),
    figures: figuresOf(taken.report),
    judge: (db) => judge(db, hub, { ...taken, facts: OFFERED_BYTES }),
  })

type BytesFacts = Parameters<typeof admitReport>[0]['bytes']

function exchanged(hub: Hub, campaign: CampaignId): CampaignUpdateReply {
  hub.bus.publish('campaign.changed', campaign)
  return { counted: true }
}

/** Undefined if the report has none, or the hub cannot read them. */
async function messagesIn(hub: Hub, row: CampaignTable, taken: TakenReport): Promise<MaskMessage[] | undefined> {
  const { report, device, bytes } = taken
  if (report.kind !== 'masking') return undefined
  const course = { ...fromJson(row.course), round: taken.round, attempt: taken.attempt }
  return readMessages(hub.store.db, { row, course }, { device: device.id, stage: report.stage, bytes })
}

const factsOfMessages = (messages: MaskMessage[] | undefined): BytesFacts => ({
  size: 0,
  wanted: 0,
  isFinite: true,
  isRight: messages !== undefined,
})

/** The weights of an update as bytes. A compressed one is expanded here, so that all else knows one form. */
async function updateIn(hub: Hub, row: CampaignTable, { report, bytes }: TakenReport): Promise<Uint8Array> {
  const elements = Number(row.elements)
  const isCompressed = report.kind === 'trained' && fromJson(row.spec).compression !== undefined
  if (!isCompressed || bytes.byteLength !== compressedBytes(elements)) return bytes
  const start = await readWeights(hub, row.weights_digest, elements, hub.signal)
  const weights = expandWeights(start, bytes)
  return weights ? bytesOfWeights(weights) : bytes
}

/** `update`: the weights, which are the received bytes unless those are compressed. */
type Received = { bytes: Uint8Array; update: Uint8Array }

const isRightDigest = (report: CampaignReport, bytes: Uint8Array) =>
  (report.kind === 'trained' || report.kind === 'surveyed') && digestOf(bytes) === report.digest

function factsOfBytes(row: CampaignTable, report: CampaignReport, it: Received): BytesFacts {
  const { elements, course, spec } = row
  const { bytes, update } = it
  const isRight = isRightDigest(report, bytes)
  // Masked words are no numbers until the masks are out of their sum.
  if (fromJson(course).stage === 'update')
    return { size: bytes.byteLength, wanted: (Number(elements) + 1) * 4, isFinite: true, isRight }
  if (row.survey !== null) return { size: bytes.byteLength, wanted: Number(elements) * 4, isFinite: true, isRight }
  const isCompressed = fromJson(spec).compression !== undefined
  const wanted = isCompressed ? compressedBytes(Number(elements)) : Number(elements) * 4
  const values = weightsOfBytes(update, Number(elements))
  return {
    size: bytes.byteLength,
    wanted,
    isFinite: values !== undefined && isFiniteWeights(values),
    isRight,
  }
}

type Judging = TakenReport & { facts: BytesFacts }

async function judge(db: Tx | Hub['store']['db'], hub: Hub, it: Judging): Promise<ReportVerdict> {
  const row = await findCampaignById(db, it.campaign)
  if (!row) throw problem('campaign_unknown')
  const course = fromJson(row.course)
  const found = await findParticipant(db, attemptOf(it), it.device.id)
  const { stage } = course
  const hasExchanged = stage !== undefined && (await hasSent(db, attemptOf(it), stage, it.device.id))
  const participant = found && { state: found.state, hasExchanged }
  const { round, attempt, report, facts } = it
  const staleMax = staleMaxOf(fromJson(row.spec))
  const about = {
    course,
    participant,
    round,
    attempt,
    answersOfRow: answersOfRow(fromJson(row.spec)),
    ...(staleMax !== undefined && { staleMax }),
    ...(row.survey !== null && { survey: { trouble: countTrouble(row, it) } }),
  }
  return admitReport({ ...about, report, bytes: facts, nowMs: hub.clock.nowMs() })
}

/** Why the counts of a device are impossible. Masked ones cannot be checked. */
function countTrouble(row: CampaignTable, { report, bytes, facts }: Judging): string | undefined {
  const layout = layoutIn(row)
  if (!layout || report.kind !== 'surveyed' || facts.size !== facts.wanted) return undefined
  if (fromJson(row.course).stage !== undefined) return undefined
  const line = new Uint32Array(Uint8Array.from(bytes).buffer)
  if (line[0] !== report.rows) return `the device reports ${report.rows} rows, and counts ${line[0]}`
  return lineTrouble(layout, line)
}

const attemptOf = ({ campaign, round, attempt }: TakenReport): Attempt => ({ campaign, round, attempt })

type Recording = Judging & { blob: StoredBlob | undefined; messages: readonly MaskMessage[] | undefined }

async function record(tx: Tx, hub: Hub, it: Recording): Promise<ReportVerdict> {
  const verdict = await judge(tx, hub, it)
  if (verdict.kind === 'ignored') return verdict
  if (verdict.kind === 'exchanged') return recordExchange(tx, it)
  const { state, code, message } = verdict
  // Without the bytes it cannot count: the verdict has changed since they came.
  if (state === 'counted' && !it.blob) throw problem('hub_busy')
  const outcome: ParticipantOutcome = {
    ...figuresOf(it.report),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  }
  // The figures of the round count the received bytes.
  const update = state === 'counted' && it.blob ? { digest: it.blob.digest, sizeBytes: it.bytes.byteLength } : undefined
  await saveReport(tx, attemptOf(it), it.device.id, { state, outcome, update, nowMs: hub.clock.nowMs() })
  return verdict
}

async function recordExchange(tx: Tx, it: Recording): Promise<ReportVerdict> {
  const { device, report, messages = NOTHING_REVEALED } = it
  const stage = report.kind === 'masking' ? report.stage : 'reveal'
  const sender = { ...attemptOf(it), organisationId: device.organisation_id, device: device.id, stage }
  await insertMessages(tx, sender, messages)
  return { kind: 'exchanged' }
}

function figuresOf(report: CampaignReport): ParticipantOutcome {
  if (report.kind === 'failed' || report.kind === 'masking') return {}
  if (report.kind === 'evaluated') return { evaluation: report.evaluation }
  if (report.kind === 'surveyed') return { rows: report.rows }
  const { rows, trainLoss, data, before } = report
  const facts = { ...(data && { data }), ...(trainLoss !== undefined && { trainLoss }) }
  return { rows, evaluation: before, ...facts }
}
