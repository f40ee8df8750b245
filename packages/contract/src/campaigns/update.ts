/** Campaign update: the report of a device at the end of its part of a round, sent beside the bytes of its weights. */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { DataVersion } from './data-version.ts'
import { MaskStage } from './masking.ts'
import { SumPlace } from './site-sum.ts'

/** The weights of 8 M parameters: a hub has room for so many bytes of one device at once, as for the bytes of commands. */
export const UPDATE_BYTES_MAX = 32 * 1024 * 1024

/** The answers of weights to rows that a device does not train on. */
export const CampaignEvaluation = z.object({
  rows: z.int().min(0),
  /** Right answers: one for each row, or one for each target of a binary loss. */
  correct: z.int().min(0),
  /** The sum over these rows; not finite values are left out. */
  lossSum: z.number(),
  /** The sum over these rows of the mean distance from the targets; absent if it is not finite, and for classes. */
  errorSum: z.number().min(0).optional(),
})
export type CampaignEvaluation = z.infer<typeof CampaignEvaluation>

/** Not strict: a later agent may report more. */
export const CampaignReport = z.discriminatedUnion('kind', [
  /**
   * The bytes are the new weights: little-endian float32, in the order of the order's parameters. In a masked round they
   * are masked words of 32 bits instead, of which the first one is the weight of the update.
   */
  z.object({
    kind: z.literal('trained'),
    rows: z.int().min(1),
    digest: Digest,
    /** The mean loss of the last epoch; absent if it is not finite. */
    trainLoss: z.number().optional(),
    /** Of the weights of the order, before the training. */
    before: CampaignEvaluation,
    /** The bytes are not beside it: the device asks whether the aggregator of its site takes them. */
    isOffer: z.boolean().optional(),
    /** The rows of the training. Absent from older agents. */
    data: DataVersion.optional(),
  }),
  /** The bytes are the counts of a survey: little-endian words of 32 bits. With masks, one word more is before them. */
  z.object({ kind: z.literal('surveyed'), rows: z.int().min(1), digest: Digest }),
  z.object({ kind: z.literal('evaluated'), evaluation: CampaignEvaluation }),
  /** The bytes are the JSON of the stage's answer. */
  z.object({ kind: z.literal('masking'), stage: MaskStage.exclude(['update']) }),
  z.object({ kind: z.literal('failed'), code: z.string().max(64), message: z.string().max(1_000) }),
])
export type CampaignReport = z.infer<typeof CampaignReport>

/** The request header with the report: JSON in base64url. */
export const REPORT_HEADER = 'skerry-campaign-report'

/** `counted`: the report is stored. Otherwise the hub does not want it any more, and the device forgets it. */
export const CampaignUpdateReply = z.object({
  counted: z.boolean(),
  reason: z.string().max(1_000).optional(),
  /** To an offer: the aggregator that takes the bytes. */
  sum: SumPlace.optional(),
  /** To an offer: no aggregator takes the bytes, so the device sends them to the hub. */
  needsBytes: z.boolean().optional(),
})
export type CampaignUpdateReply = z.infer<typeof CampaignUpdateReply>
