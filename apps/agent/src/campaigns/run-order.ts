/** Run order: carries out one order of a campaign: fetches its files, trains on the rows here, and sends the report. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import type { CampaignOrder } from '@skerry/contract/held/campaigns'
import { dataTrouble } from '@skerry/core/campaigns/choose'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { RowSource } from '@skerry/inference/train/row-source'
import { type TrainOrder, trainModel } from '@skerry/inference/train/train-model'
import { digestOfFile } from '@skerry/platform/files/hash'
import { reasonIn } from '../hub/hub-reason.ts'
import { type DeviceState, deviceStateFor } from './device-state.ts'
import { type AnyOrder, checkpointPath, dropCheckpoint, failed, limitsOf, type OrderDeps } from './order-parts.ts'
import { type Sending, sendReport } from './send-report.ts'
import { findRows, offeredOf } from './training-data.ts'
import { inGoodMoment } from './training-moment.ts'

/** Never rejects, except by the signal: a failure is reported to the hub. */
export async function runOrder(deps: OrderDeps, order: AnyOrder, signal: AbortSignal): Promise<void> {
  const outPath = join(deps.folder, `${order.campaign}-${order.round}-${order.attempt}`)
  const state = order.kind === 'survey' ? undefined : deviceStateFor(deps.statesFolder, order, deps.fileSystem)
  try {
    const answer = order.masking && (await maskedAnswer(deps, order, order.masking))
    const report = answer?.report ?? (await reportOf(deps, { order, outPath, state }, signal))
    signal.throwIfAborted()
    const isCounted = await bringReport(deps, { order, outPath, state, report, body: answer?.body }, signal)
    if (isCounted && report.kind === 'trained') await state?.keep()
    if (!waits(report)) await dropCheckpoint(deps)
  } finally {
    await rm(outPath, { force: true })
    await state?.drop()
  }
}

/** True if the hub counts it, as it comes from this device or in the sum of the site. */
async function bringReport(deps: OrderDeps, it: Sending & Pick<Running, 'state'>, signal: AbortSignal) {
  const { order, report, state } = it
  if (order.kind !== 'train' || order.aggregate === undefined || report.kind !== 'trained')
    return sendReport(deps, it, signal)
  const { sendNear } = await import('./send-near.ts')
  const found = await sendNear(deps, { ...it, report, keeps: state !== undefined }, signal)
  return found === 'direct' ? sendReport(deps, it, signal) : found === 'counted'
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
