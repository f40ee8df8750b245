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

export const LearningResult = z.object({
  outcome: Outcome,
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
