/** Run order: carries out one order of a campaign: fetches its files, trains on the rows here, and sends the report. */
import { createReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type CampaignReport, CampaignUpdateReply, REPORT_HEADER } from '@skerry/contract/campaigns/update'
import type { CampaignOrder } from '@skerry/contract/held/campaigns'
import { dataTrouble } from '@skerry/core/campaigns/choose'
import { backoffMs } from '@skerry/core/values/backoff'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { RowSource } from '@skerry/inference/train/row-source'
import { type TrainOrder, trainModel } from '@skerry/inference/train/train-model'
import { digestOfFile } from '@skerry/platform/files/hash'
import { reasonIn } from '../hub/hub-reason.ts'
import { type DeviceState, deviceStateFor } from './device-state.ts'
import { type AnyOrder, checkpointPath, dropCheckpoint, failed, limitsOf, type OrderDeps } from './order-parts.ts'
import { findRows, offeredOf } from './training-data.ts'
import { inGoodMoment } from './training-moment.ts'

const RETRY = { baseMs: 500, maxMs: 30_000 }

/** Never rejects, except by the signal: a failure is reported to the hub. */
export async function runOrder(deps: OrderDeps, order: AnyOrder, signal: AbortSignal): Promise<void> {
  const outPath = join(deps.folder, `${order.campaign}-${order.round}-${order.attempt}`)
  const state = order.kind === 'survey' ? undefined : deviceStateFor(deps.statesFolder, order, deps.fileSystem)
  try {
    const answer = order.masking && (await maskedAnswer(deps, order, order.masking))
    const report = answer?.report ?? (await reportOf(deps, { order, outPath, state }, signal))
    signal.throwIfAborted()
    const isCounted = await sendReport(deps, { order, outPath, state, report, body: answer?.body }, signal)
    if (isCounted && report.kind === 'trained') await state?.keep()
    if (!waits(report)) await dropCheckpoint(deps)
  } finally {
    await rm(outPath, { force: true })
    await state?.drop()
  }
}

/** The hub orders the same round again, and the training goes on from its checkpoint then. */
const waits = (report: CampaignReport): boolean => report.kind === 'failed' && report.code === WAITS

const WAITS = 'training_waits'

type Running<Order = AnyOrder> = { order: Order; outPath: string; state: DeviceState | undefined }

const LOST = 'the agent has no keys of this round; it was started anew since the round began'

/** The answer to a stage of a masked round that needs no training; undefined if the device trains in it. */
async function maskedAnswer(
  { session, sets }: OrderDeps,
  order: AnyOrder,
  masking: NonNullable<AnyOrder['masking']>,
): Promise<{ report: CampaignReport; body?: Buffer } | undefined> {
  if (!session) return { report: failed('masking_lost', LOST) }
  if (masking.stage === 'update') return undefined
  if (!consentingSet(sets, order)) return { report: noConsent(order) }
  const { exchangeBody } = await import('./masked-update.ts')
  const answer = exchangeBody(session, masking)
  if (!answer.ok) return { report: failed(answer.code, answer.message) }
  return { report: { kind: 'masking', stage: masking.stage }, body: Buffer.from(JSON.stringify(answer.value)) }
}

const consentingSet = (sets: OrderDeps['sets'], order: AnyOrder) =>
  sets.find(
    ({ name, campaigns }) => name === order.data.name && (campaigns === 'any' || campaigns.includes(order.name)),
  )

const noConsent = (order: AnyOrder) =>
  failed('no_consent', `this device does not offer ${order.data.name} to the campaign ${order.name}`)

async function reportOf(deps: OrderDeps, running: Running, signal: AbortSignal): Promise<CampaignReport> {
  const { order } = running
  const set = consentingSet(deps.sets, order)
  if (!set) return noConsent(order)
  const found = await findRows(set, deps)
  if (!found.ok) return failed('data_unreadable', found.message)
  const misfit = dataTrouble({ ...order.data, targets: targetsOf(order) }, offeredOf(set, found))
  if (misfit !== undefined) return failed('data_misfit', misfit)
  const { source } = found
  try {
    if (order.kind !== 'survey') return await trained(deps, { ...running, order, source }, signal)
    const { countedReport } = await import('./count-rows.ts')
    return await countedReport(deps, { order, outPath: running.outPath, source }, signal)
  } catch (error) {
    signal.throwIfAborted()
    deps.log.warn('campaign_order_failed', { campaign: order.name, round: order.round, error })
    return failed('training_failed', error instanceof Error ? error.message : String(error))
  }
}

const targetsOf = (order: AnyOrder) => (order.kind === 'survey' ? undefined : order.data.targets?.shape)

async function trained(
  deps: OrderDeps,
  running: Running<CampaignOrder> & { source: RowSource },
  signal: AbortSignal,
): Promise<CampaignReport> {
  const { order, outPath } = running
  await fetchBlobs(deps, blobsOf(order), signal)
  await mkdir(deps.folder, { recursive: true })
  const prepared = await trainOrder(deps, running)
  const train = (ending: AbortSignal) => trainModel(prepared, limitsOf(deps, order), ending)
  const moment = await inGoodMoment({ ...deps, deadlineMs: order.deadlineMs }, train, signal)
  if (!moment.ok) return failed(WAITS, moment.message)
  const result = moment.value
  if (!result.ok) return failed(result.code, result.message)
  const { rows, data, trainLoss, before, resumedAt } = result
  if (resumedAt !== undefined)
    deps.log.info('campaign_training_resumed', { campaign: order.name, round: order.round, steps: resumedAt })
  if (order.kind === 'evaluate') return { kind: 'evaluated', evaluation: before }
  if (order.masking?.stage === 'update' && deps.session) {
    const { maskFile } = await import('./masked-update.ts')
    const base = await sourceOf(deps, order.weights)
    const masked = await maskFile({ session: deps.session, order: order.masking, base, rows, path: outPath })
    if (!masked.ok) return failed(masked.code, masked.message)
  }
  const { digest } = await digestOfFile(deps.fileSystem, outPath, signal)
  const version = data && { fingerprint: deps.fingerprint(data.digest), rows: data.rows }
  const facts = { ...(version && { data: version }), ...(trainLoss !== undefined && { trainLoss }) }
  return { kind: 'trained', rows, digest, before, ...facts }
}

type OrderBlob = CampaignOrder['weights']

/** All files of an order. */
function blobsOf({ trainingModel, evaluationModel, weights, personal, control }: CampaignOrder): OrderBlob[] {
  const kept = [personal?.start, control?.mean].flatMap((blob) => blob ?? [])
  return [trainingModel, evaluationModel, weights, ...kept]
}

const sourceOf = async ({ blobs }: Pick<OrderDeps, 'blobs'>, { digest }: OrderBlob): Promise<SourceFile> => ({
  name: digest,
  ...(await blobs.fileOf(digest)),
})

async function trainOrder(
  deps: OrderDeps,
  { order, outPath, state, source }: Running<CampaignOrder> & { source: RowSource },
): Promise<TrainOrder> {
  const { kind, parameters, personal, control, compression, proximal, clipNorm } = order
  const { epochs, batchSize, learningRate, seed } = order
  return {
    kind,
    rows: source,
    trainingModel: await sourceOf(deps, order.trainingModel),
    evaluationModel: await sourceOf(deps, order.evaluationModel),
    weights: await sourceOf(deps, order.weights),
    parameters,
    ...(personal && { personal: { ...personal, start: await sourceOf(deps, personal.start) } }),
    ...(control && { control: control.mean ? { mean: await sourceOf(deps, control.mean) } : {} }),
    ...(compression && { compression }),
    ...(state && { state: { path: state.path, nextPath: state.nextPath } }),
    row: order.data,
    epochs,
    batchSize,
    learningRate,
    ...(proximal !== undefined && { proximal }),
    ...(clipNorm !== undefined && { clipNorm }),
    seed,
    ...(order.masking === undefined && { checkpoint: checkpointIn(deps.data) }),
    outPath,
  }
}

/** A kill costs at most so much of a training, and a memory card bears a write of some megabytes each time. */
const CHECKPOINT_MS = 20_000

/** The secrets of a masked round do not survive a restart, so a checkpoint would only put weights on the disk. */
const checkpointIn = (data: string) => ({ path: checkpointPath(data), everyMs: CHECKPOINT_MS })

/** Fetches the files that are not here yet. They are noted first, so that they are removed after a power cut too. */
async function fetchBlobs(
  { note, download }: OrderDeps,
  files: readonly CampaignOrder['weights'][],
  signal: AbortSignal,
): Promise<void> {
  await note(files.map(({ digest }) => digest))
  for (const file of files) {
    const result = await download(file, signal)
    if (!result.ok) throw new Error(`fetching ${file.digest}: ${reasonIn(result.body).message ?? result.message}`)
  }
}

type Sending = Running & { report: CampaignReport; body?: Buffer | undefined }

/** Sends the report until the hub has it, or the deadline has passed. True if the hub counts it. */
async function sendReport(deps: OrderDeps, sending: Sending, signal: AbortSignal): Promise<boolean> {
  const { order, report } = sending
  const { clock, log, random } = deps
  const about = { campaign: order.name, round: order.round, kind: report.kind }
  for (let tries = 0; clock.nowMs() <= order.deadlineMs; tries += 1) {
    const answer = await sendOnce(deps, sending, signal)
    if (answer.kind === 'taken') {
      const { counted, reason } = answer.reply
      log.info('campaign_reported', { ...about, counted, ...(reason !== undefined && { reason }) })
      return counted
    }
    if (answer.kind === 'rejected') {
      log.warn('campaign_report_rejected', { ...about, message: answer.message })
      return false
    }
    await clock.sleep(backoffMs(tries, RETRY, random()), signal)
  }
  log.warn('campaign_report_late', about)
  return false
}

type Answer = { kind: 'taken'; reply: CampaignUpdateReply } | { kind: 'rejected'; message: string } | { kind: 'again' }

async function sendOnce(
  { send }: OrderDeps,
  { order, outPath, report, body }: Sending,
  signal: AbortSignal,
): Promise<Answer> {
  const content = await contentOf(report, outPath, body)
  const answer = await send(
    {
      method: 'PUT',
      path: `/v1/campaign-updates/${order.campaign}/${order.round}/${order.attempt}`,
      headers: {
        'content-type': 'application/octet-stream',
        [REPORT_HEADER]: Buffer.from(JSON.stringify(report)).toString('base64url'),
      },
      content,
    },
    signal,
  )
  if (!answer.ok) return answer.retryable ? { kind: 'again' } : { kind: 'rejected', message: answer.message }
  const said = parsed(await text(answer.stream))
  if (answer.status === 429 || answer.status >= 500) return { kind: 'again' }
  const reply = CampaignUpdateReply.safeParse(said)
  if (answer.status === 200 && reply.success) return { kind: 'taken', reply: reply.data }
  return { kind: 'rejected', message: reasonIn(said)?.message ?? `the hub answered ${answer.status}` }
}

async function contentOf(report: CampaignReport, outPath: string, body: Buffer = Buffer.alloc(0)) {
  if (report.kind !== 'trained' && report.kind !== 'surveyed')
    return { length: body.byteLength, stream: Readable.from(body.byteLength ? [body] : []) }
  return { length: (await stat(outPath)).size, stream: createReadStream(outPath) }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
