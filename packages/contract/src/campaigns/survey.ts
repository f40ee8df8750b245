/**
 * Surveys: statistics over the data of many devices. Each device counts its own rows, and the hub adds the counts. No row
 * leaves a device.
 */
import * as z from 'zod'
import { CampaignId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { CampaignData, CampaignPhase, CampaignSpec, SurveyParticipants } from './campaign.ts'
import { MaskStage } from './masking.ts'

/** Columns of one survey. A row of sensors has some dozen. */
export const SURVEY_COLUMNS_MAX = 256

/** A histogram of more bins shows single rows. */
const BINS_MAX = 1_000

export const SurveyColumn = z
  .strictObject({
    name: Name,
    /** The place of the value in a row, from 0. All values of the row count if it is absent, such as those of a picture. */
    at: z.int().min(0).max(479_999).optional(),
    /** The devices count values below and above this range, and no more is known about them. */
    low: z.number(),
    high: z.number(),
    bins: z.int().min(1).max(BINS_MAX).default(20),
  })
  .refine(({ low, high }) => low < high, 'low must be below high')
  .refine(({ low, high }) => Number.isFinite(high - low), 'the range must be finite')
export type SurveyColumn = z.infer<typeof SurveyColumn>

export const SurveyNoise = z.strictObject({
  /** The standard deviation of the noise of each count, divided by the most by which one row can change the counts. */
  multiplier: z.number().gt(0).max(1_000),
  /** The probability with which the bound of ε does not hold. It should be far below one divided by the rows. */
  delta: z.number().gt(0).max(0.01).default(1e-5),
})
export type SurveyNoise = z.infer<typeof SurveyNoise>

const { deadlineSeconds, seed } = CampaignSpec.shape

export const SurveySpec = z.strictObject({
  name: Name,
  data: CampaignData.omit({ scale: true, offset: true, targets: true }).required({ classes: true }),
  columns: z.array(SurveyColumn).min(1).max(SURVEY_COLUMNS_MAX),
  participants: SurveyParticipants.prefault({}),
  deadlineSeconds,
  privacy: z
    .strictObject({
      /** Devices mask their counts, and the hub receives the sum only. */
      masks: z.strictObject({}).optional(),
      /** The hub adds noise to the sum, so that the result hardly depends on one row. */
      noise: SurveyNoise.optional(),
    })
    .optional(),
  /** Makes the selection of the devices repeatable. The hub chooses it if absent. */
  seed,
})
export type SurveySpec = z.infer<typeof SurveySpec>

/** The shares of the values that the result gives quantiles for. */
export const QUANTILE_SHARES: readonly number[] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

/** A value; absent if the quantile is outside of the range of the column. */
const Quantile = z.strictObject({ share: z.number(), value: z.number().optional() })

const Count = z.int().min(0)

export const SurveyColumnResult = z.strictObject({
  name: Name,
  /** Of the bins between low and high, which have equal widths. */
  counts: z.array(Count).max(BINS_MAX),
  below: Count,
  above: Count,
  /** Values that are NaN or infinite. */
  missing: Count,
  /** Of the values, each moved into the range. Absent without values, and with noise. */
  mean: z.number().optional(),
  deviation: z.number().min(0).optional(),
  quantiles: z.array(Quantile),
})
export type SurveyColumnResult = z.infer<typeof SurveyColumnResult>

export const SurveyResult = z.strictObject({
  devices: z.int().min(1),
  rows: Count,
  /** The rows of each class. */
  classes: z.array(Count).max(10_000),
  columns: z.array(SurveyColumnResult).max(SURVEY_COLUMNS_MAX),
  /** The privacy that the result has spent; absent without noise. */
  epsilon: z.number().min(0).optional(),
})
export type SurveyResult = z.infer<typeof SurveyResult>

export const Survey = z.strictObject({
  id: CampaignId,
  spec: SurveySpec,
  phase: CampaignPhase,
  /** Of a masked survey. */
  stage: MaskStage.optional(),
  /** Why it waits or failed. */
  reason: z.string().max(1_000).optional(),
  result: SurveyResult.optional(),
  createdAtMs: InstantMs,
  createdBy: z.string().max(200),
  endedAtMs: InstantMs.optional(),
})
export type Survey = z.infer<typeof Survey>
