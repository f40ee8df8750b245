/** The campaigns in which a device takes part now, and the training data that it offers. */
import * as z from 'zod'
import { MaskOrder } from '../campaigns/masking.ts'
import { SURVEY_COLUMNS_MAX } from '../campaigns/survey.ts'
import { LeftOutRows } from '../captures/left-out-rows.ts'
import { Digest } from '../values/digest.ts'
import { CampaignId, DeviceId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/** A device trains one model at a time, so more orders would only wait. */
export const CAMPAIGN_ORDERS_MAX = 16

/** Data sets of one device. */
export const DATA_SETS_MAX = 32

/** Weights of one order: a language model of the largest size that fits in an update has some hundred. */
export const CAMPAIGN_WEIGHTS_MAX = 2_000

const BlobOfOrder = z.object({ digest: Digest, sizeBytes: z.int().min(0) })

/** Weights by their names, in the order of the training model. */
const OrderParameters = z
  .array(z.object({ name: z.string().max(500), shape: z.array(z.int().min(0)).max(8) }))
  .max(CAMPAIGN_WEIGHTS_MAX)

const SurveyData = z.object({
  name: Name,
  type: z.enum(['uint8', 'float32']),
  shape: z.array(z.int().min(1)).min(1).max(6),
  classes: z.int().min(2),
  rowsMin: z.int().min(1),
})

/** `classes` is missing if the rows have `targets`, which only devices with that ability know. */
const OrderData = SurveyData.extend({
  classes: SurveyData.shape.classes.optional(),
  targets: z
    .object({
      shape: z.array(z.int().min(1)).max(6),
      /** All targets are from 0 to 1. */
      isShare: z.boolean(),
    })
    .optional(),
})

/** Not strict: a later hub may add fields. */
export const CampaignOrder = z.object({
  campaign: CampaignId,
  /** The name to which the owner of the device consented. */
  name: Name,
  round: z.int().min(1),
  attempt: z.int().min(1),
  /** evaluate: only the answers to held-out rows, without training. */
  kind: z.enum(['train', 'evaluate']),
  data: OrderData,
  /** The model of standard operators that trains when it runs. */
  trainingModel: BlobOfOrder,
  /** The model that answers with the loss of each row, and with the logits. */
  evaluationModel: BlobOfOrder,
  /** Little-endian float32, in the order of `parameters`. */
  weights: BlobOfOrder,
  parameters: OrderParameters,
  /** Only for devices that can keep them: the weights that stay on the device, and the values they begin with. */
  personal: z.object({ start: BlobOfOrder, parameters: OrderParameters }).optional(),
  /** Only for devices that can correct their steps: the mean correction of all devices; zeros without `mean`. */
  control: z.object({ mean: BlobOfOrder.optional() }).optional(),
  epochs: z.int().min(1),
  batchSize: z.int().min(1),
  learningRate: z.number(),
  proximal: z.number().optional(),
  /** Only for devices that can compress: the form of the update. */
  compression: z.enum(['int8']).optional(),
  /** The device offers its update first, because the aggregator of its site may take it. Older agents leave it out. */
  aggregate: z.enum(['site']).optional(),
  /** Only for devices that can limit gradients. */
  clipNorm: z.number().optional(),
  /**
   * The steps need nothing but the weights of the step before. Agents from before they could keep the state of an optimiser
   * resume no other training; later ones see it in the model.
   */
  resumable: z.boolean().optional(),
  /** Of the shuffling: with the id of the device it gives the order of the rows. */
  seed: z.int().min(0),
  /** Only for devices that report `masks`: the stage of a masked round. */
  masking: MaskOrder.optional(),
  /** A report that arrives later does not count. */
  deadlineMs: InstantMs,
})
export type CampaignOrder = z.infer<typeof CampaignOrder>

/** A survey: the device counts its rows. Not strict: a later hub may add fields. */
export const SurveyOrder = z.object({
  campaign: CampaignId,
  name: Name,
  round: z.int().min(1),
  attempt: z.int().min(1),
  kind: z.literal('survey'),
  data: SurveyData,
  columns: z
    .array(z.object({ at: z.int().min(0).optional(), low: z.number(), high: z.number(), bins: z.int().min(1) }))
    .max(SURVEY_COLUMNS_MAX),
  masking: MaskOrder.optional(),
  deadlineMs: InstantMs,
})
export type SurveyOrder = z.infer<typeof SurveyOrder>

export const CampaignsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  revision: Digest,
  orders: z.array(CampaignOrder).max(CAMPAIGN_ORDERS_MAX),
  /** Only for devices that can count. */
  surveys: z.array(SurveyOrder).max(CAMPAIGN_ORDERS_MAX).optional(),
})
export type CampaignsDocument = z.infer<typeof CampaignsDocument>

/** Parts of a campaign that came after the first agents that train. A device names those that it can carry out. */
export const CAMPAIGN_ABILITIES = ['clip', 'compression', 'control', 'personal', 'survey', 'targets'] as const
export type CampaignAbility = (typeof CAMPAIGN_ABILITIES)[number]

/** The place of the rows on the device. `captures`: rows that a capture keeps, with the labels of the hub. */
export const DataSource = z.enum(['folder', 'recording', 'captures'])
export type DataSource = z.infer<typeof DataSource>

/** A data set that the device offers. It says nothing of single rows. */
export const OfferedData = z.object({
  name: Name,
  rows: z.int().min(0),
  type: z.enum(['uint8', 'float32']),
  shape: z.array(z.int().min(1)).max(6),
  /** One more than the largest label; 0 if the labels are numbers that are no classes. */
  classes: z.int().min(0),
  /** The numbers that belong to one row, as a shape. Absent if the labels are classes. */
  targets: z.array(z.int().min(1)).max(6).optional(),
  /** The campaigns that may use it; `any` for all. */
  campaigns: z.union([z.literal('any'), z.array(Name).max(100)]),
  /** Whether the device can mask its updates. */
  masks: z.boolean().optional(),
  /** The parts of a campaign that its agent can carry out. A later agent may name more. */
  abilities: z.array(z.string().max(64)).max(64).optional(),
  /** Absent from older agents. A later one may have other sources. */
  source: z.string().max(64).optional(),
  /** Only of captured rows. */
  leftOut: LeftOutRows.optional(),
  /** Why the device cannot read its data. Then the facts above are empty. */
  problem: z.string().max(500).optional(),
})
export type OfferedData = z.infer<typeof OfferedData>

/** Not strict: a later device may report more. */
export const HeldCampaigns = z.object({
  revision: Digest.optional(),
  data: z.array(OfferedData).max(DATA_SETS_MAX).default([]),
})
export type HeldCampaigns = z.infer<typeof HeldCampaigns>

/** The row of this document. */
export const CAMPAIGNS = {
  name: 'campaigns',
  document: CampaignsDocument,
  held: HeldCampaigns,
} satisfies HeldKind<CampaignsDocument, HeldCampaigns>
