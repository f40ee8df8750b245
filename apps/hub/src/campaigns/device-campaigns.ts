/** Device campaigns: the orders that a device should have, derived at each look, and the data that it offers. */
import { isDeepStrictEqual } from 'node:util'
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { MaskOrder } from '@skerry/contract/campaigns/masking'
import type { SurveySpec } from '@skerry/contract/campaigns/survey'
import {
  CAMPAIGN_ORDERS_MAX,
  type CampaignOrder,
  type CampaignsDocument,
  type HeldCampaigns,
  type SurveyOrder,
} from '@skerry/contract/held/campaigns'
import { isInBuffer, staleMaxOf } from '@skerry/core/campaigns/buffered'
import { hashText, mixNumbers } from '@skerry/core/campaigns/choose'
import type { CampaignCourse } from '@skerry/core/campaigns/course'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { HeldPlace } from '../held/held-document.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type {
  CampaignParameter,
  CampaignParticipantTable,
  CampaignTable,
} from '../store/tables/learning/campaign-tables.ts'
import { findCampaignById, findRound } from './campaign-store.ts'
import { maskOrderOf } from './masked-round.ts'
import { offerOf, openParticipations, saveOffer } from './participant-store.ts'
import { surveyIn } from './surveys/survey-store.ts'

type DeviceRow = Pick<DeviceTable, 'id'>

/** The document for a device that reports this; undefined if the device is up to date. */
export async function newOrders(
  db: Db,
  device: DeviceRow,
  held: HeldCampaigns,
): Promise<CampaignsDocument | undefined> {
  const orders: CampaignOrder[] = []
  const surveys: SurveyOrder[] = []
  for (const open of await openParticipations(db, device.id)) {
    const campaign = await findCampaignById(db, open.campaign_id)
    const order = campaign && (await orderOf(db, campaign, open))
    if (!order || orders.length + surveys.length >= CAMPAIGN_ORDERS_MAX) continue
    if (order.kind === 'survey') surveys.push(order)
    else orders.push(order)
  }
  const count = orders.length + surveys.length
  if (held.revision === undefined && count === 0) return undefined
  const asked = surveys.length > 0 ? { surveys } : {}
  const revision = digestOf(canonicalJson(surveys.length > 0 ? { orders, surveys } : orders))
  return revision === held.revision ? undefined : { v: 1, deviceId: device.id, revision, orders, ...asked }
}

/** Whether the hub waits for a report of the attempt. */
function isStanding(
  spec: CampaignSpec,
  course: CampaignCourse,
  { round, attempt }: Pick<CampaignParticipantTable, 'round' | 'attempt'>,
): boolean {
  const staleMax = staleMaxOf(spec)
  if (staleMax !== undefined && course.phase !== 'evaluate') return isInBuffer(course, round, staleMax)
  const isOpen = (course.phase === 'train' || course.phase === 'evaluate') && !course.isPaused
  return isOpen && course.round === round && course.attempt === attempt
}

/** Undefined if the attempt is over, or the device has nothing more to do in it now. */
async function orderOf(
  db: Db,
  row: CampaignTable,
  { round, attempt, device_id, state, at_ms }: CampaignParticipantTable,
): Promise<CampaignOrder | SurveyOrder | undefined> {
  const course = fromJson(row.course)
  const spec = fromJson(row.spec)
  if (!isStanding(spec, course, { round, attempt })) return undefined
  if (state !== (course.stage === 'reveal' ? 'counted' : 'asked')) return undefined
  const isBuffered = staleMaxOf(spec) !== undefined && course.phase !== 'evaluate'
  const weights = round === course.round ? course.weights : (await findRound(db, row.id, round - 1))?.weights_digest
  if (!weights) return undefined
  const masking = await maskOrderOf(db, { row, course }, device_id)
  if (course.stage !== undefined && !masking) return undefined
  const { data, training, seed = 0 } = spec
  const survey = surveyIn(row)
  if (survey) return surveyOrder(row, survey, { course, round, attempt, masking })
  return {
    campaign: row.id,
    name: row.name,
    round,
    attempt,
    kind: course.phase === 'evaluate' ? 'evaluate' : 'train',
    data: dataOf(data, training),
    trainingModel: { digest: row.training_digest, sizeBytes: Number(row.training_bytes) },
    evaluationModel: { digest: row.evaluation_digest, sizeBytes: Number(row.evaluation_bytes) },
    weights: { digest: weights, sizeBytes: Number(row.elements) * 4 },
    parameters: namedShapes(fromJson(row.parameters)),
    ...personalOf(row),
    ...controlOf(row, spec),
    ...sendingOf(spec),
    ...stepsOf(training),
    seed: hashText(device_id, mixNumbers([seed, round, attempt])),
    ...(masking && { masking }),
    deadlineMs: isBuffered ? Number(at_ms) + spec.deadlineSeconds * 1_000 : (course.deadlineMs ?? 0),
  }
}

function dataOf(
  { name, type, shape, classes, targets, rowsMin }: CampaignSpec['data'],
  { loss }: CampaignSpec['training'],
): CampaignOrder['data'] {
  const labels = targets ? { targets: { shape: targets, isShare: loss === 'binary' } } : { classes }
  return { name, type, shape, rowsMin, ...labels }
}

function stepsOf({
  epochs,
  batchSize,
  learningRate,
  proximal,
  clipNorm,
  momentum,
  optimiser = 'sgd',
}: CampaignSpec['training']) {
  // Older agents cannot keep a history of steps, and FedProx needs the weights of the round in each step.
  const isResumable = optimiser === 'sgd' && momentum === undefined && proximal === undefined
  return {
    epochs,
    batchSize,
    learningRate,
    ...(isResumable && { resumable: true }),
    ...(proximal !== undefined && { proximal }),
    ...(clipNorm !== undefined && { clipNorm }),
  }
}

type SurveyMoment = Pick<SurveyOrder, 'round' | 'attempt'> & { course: CampaignCourse; masking: MaskOrder | undefined }

function surveyOrder(
  { id, name }: CampaignTable,
  { data, columns }: SurveySpec,
  { course, round, attempt, masking }: SurveyMoment,
): SurveyOrder {
  return {
    campaign: id,
    name,
    round,
    attempt,
    kind: 'survey',
    data,
    columns: columns.map(({ name: _, ...column }) => column),
    ...(masking && { masking }),
    deadlineMs: course.deadlineMs ?? 0,
  }
}

const namedShapes = (parameters: readonly CampaignParameter[]) => parameters.map(({ name, shape }) => ({ name, shape }))

/** The weights that the device keeps. A campaign can have none. */
function personalOf({ personal_digest: digest, personal_parameters }: CampaignTable): Pick<CampaignOrder, 'personal'> {
  if (digest === null || personal_parameters === null) return {}
  const parameters = fromJson(personal_parameters)
  const elements = parameters.reduce((sum, one) => sum + one.elements, 0)
  return { personal: { start: { digest, sizeBytes: elements * 4 }, parameters: namedShapes(parameters) } }
}

const sendingOf = ({ compression, aggregate }: CampaignSpec): Pick<CampaignOrder, 'compression' | 'aggregate'> => ({
  ...(compression !== undefined && { compression }),
  ...(aggregate !== undefined && { aggregate }),
})

/** The mean correction is the moment that the strategy keeps on the hub. */
function controlOf(
  { moments_digest: digest, elements }: CampaignTable,
  { strategy }: CampaignSpec,
): Pick<CampaignOrder, 'control'> {
  if (strategy.kind !== 'scaffold') return {}
  return { control: digest === null ? {} : { mean: { digest, sizeBytes: Number(elements) * 4 } } }
}

/** Whether the offer differs from the record. */
export async function isOfferNews(db: Db, { deviceId }: HeldPlace, { data }: HeldCampaigns): Promise<boolean> {
  return !isDeepStrictEqual(await offerOf(db, deviceId), data)
}

export const keepOffer = (tx: Tx, place: HeldPlace, { data }: HeldCampaigns): Promise<void> =>
  saveOffer(tx, place, data)
