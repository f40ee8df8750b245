/** Learning result: the body with which a device ends a learning: the detector, or the findings that speak against one. */
import * as z from 'zod'
import { GoldenInputs } from '../devices/golden.ts'
import { FeatureProfile } from '../monitors/profile.ts'
import {
  LEARNED_TAGS_MAX,
  LearnedTag,
  LearningCandidate,
  LearningFinding,
  LearningOutcome,
  LearningShadow,
  LearningTail,
  SHADOW_ALARMS_MAX,
  ShadowAlarm,
} from './learning.ts'
import { MarkedRows } from './mark.ts'

/** A forest of a hundred trees has some 2 MB, and a third more as base64. */
export const RESULT_BYTES_MAX = 8 * 1024 * 1024

/** Not strict: a later agent may send more. */
export const ReportedShadow = z.object({
  ...LearningShadow.shape,
  first: z.array(z.object(ShadowAlarm.shape)).max(SHADOW_ALARMS_MAX),
})

/** Not strict in any part: a later agent may send more. */
const Outcome = z.object({
  ...LearningOutcome.shape,
  candidates: z.array(z.object(LearningCandidate.shape)).max(8),
  tail: z.object(LearningTail.shape).optional(),
  tags: z.array(z.object(LearnedTag.shape)).max(LEARNED_TAGS_MAX),
  findings: z.array(z.object(LearningFinding.shape)).max(2 * LEARNED_TAGS_MAX),
  shadow: ReportedShadow.optional(),
  marked: z.object(MarkedRows.shape).optional(),
})

/** With 32 tags, a covariance has 4,656 numbers of four bytes. */
const COVARIANCE_CHARACTERS_MAX = 25_000

/** With 200 devices of 20,000 windows each. */
const PART_ROWS_MAX = 4_000_000

/** Of the tags and their features: four numbers of four bytes for each of 32 tags. */
const UNITS_CHARACTERS_MAX = 700

/**
 * How the tags of a device, or of several ones, move together: the covariance of features, and the spreads that these are
 * divided by. It has no row, and no level of a tag.
 */
export const CovariancePart = z.object({
  rows: z.int().min(1).max(PART_ROWS_MAX),
  /** The lower triangle, as little-endian float32 in base64. */
  covariance: z.base64().max(COVARIANCE_CHARACTERS_MAX),
  /** The spread of each tag, then that of each feature, as the covariance. */
  units: z.base64().max(UNITS_CHARACTERS_MAX),
})
export type CovariancePart = z.infer<typeof CovariancePart>

export const LearningResult = z.object({
  outcome: Outcome,
  /** The part of the device in a federated order. The detector follows when the parts of all devices are joined. */
  part: CovariancePart.optional(),
  /** The device can try the detector in shadow. Absent from older agents, for which the hub must not wait. */
  canShadow: z.boolean().optional(),
  /** Absent if the device refused to learn. */
  detector: z
    .object({
      /** The ONNX file, in base64. */
      model: z.string().max(RESULT_BYTES_MAX),
      /** Windows made by chance around the usual values: no recorded row is among them. */
      golden: GoldenInputs,
      /** Counts of the recorded rows. */
      profile: z.array(FeatureProfile).max(64).optional(),
    })
    .optional(),
})
export type LearningResult = z.infer<typeof LearningResult>

/** The finding by which a device ends a learning whose result the hub cannot read. The guide to learning explains it. */
export const RESULT_REJECTED = 'result_rejected'

/** The findings about an imported recording. The guide to learning explains them. */
export const RECORDING_UNKNOWN = 'recording_unknown'
export const RECORDING_UNFIT = 'recording_unfit'

/**
 * `taken`: the device forgets the rows. Otherwise the hub does not want the result any more, and the reason is there.
 * `shadow`: the device keeps the detector, tries it, and sends the result again with the shadow in it.
 */
export const LearningReply = z.object({
  taken: z.boolean(),
  reason: z.string().max(1_000).optional(),
  shadow: z.boolean().optional(),
})
export type LearningReply = z.infer<typeof LearningReply>
