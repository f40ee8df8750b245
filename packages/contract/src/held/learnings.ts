/** The learnings that a device carries out, and their progress. */
import * as z from 'zod'
import { LearningSpec } from '../learning/learning.ts'
import { LEARNING_MARKS_MAX } from '../learning/mark.ts'
import { CovariancePart, ReportedShadow } from '../learning/result.ts'
import { Digest } from '../values/digest.ts'
import { CampaignId, DeviceId, LearningId, LearningMarkId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/** A device collects rows for all of them at once, and trains for one at a time. */
export const LEARNING_ORDERS_MAX = 8

/** Not strict: a later hub may add fields. */
export const LearningOrder = z.object({
  learning: LearningId,
  spec: z.object(LearningSpec.shape),
  /** Of the chance in training. */
  seed: z.int().min(0),
  /** The device learns together with others. */
  together: z
    .object({
      /** Under this id the device keeps the values of the joint detector that are its own. */
      campaign: CampaignId,
      /** Absent until each device has sent its part. */
      joint: CovariancePart.optional(),
    })
    .optional(),
})
export type LearningOrder = z.infer<typeof LearningOrder>

/** A device keeps the newest rows of so many detectors. Each takes one read of its tags for a row. */
export const KEPT_DETECTORS_MAX = 8

/** A detector whose newest rows the device keeps, so that a person can mark some of them. */
export const KeptDetector = z.object({ learning: LearningId, spec: z.object(LearningSpec.shape) })
export type KeptDetector = z.infer<typeof KeptDetector>

export const HELD_MARKS_MAX = (LEARNING_ORDERS_MAX + KEPT_DETECTORS_MAX) * LEARNING_MARKS_MAX

/** A device ignores kinds of a later hub. */
export const HeldMark = z.object({
  mark: LearningMarkId,
  /** Of the learning. */
  name: Name,
  kind: z.string().max(32),
  fromMs: InstantMs,
  toMs: InstantMs,
})
export type HeldMark = z.infer<typeof HeldMark>

export const LearningsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  revision: Digest,
  orders: z.array(LearningOrder).max(LEARNING_ORDERS_MAX),
  kept: z.array(KeptDetector).max(KEPT_DETECTORS_MAX).optional(),
  marks: z.array(HeldMark).max(HELD_MARKS_MAX).optional(),
})
export type LearningsDocument = z.infer<typeof LearningsDocument>

export const LearningProgress = z.object({
  learning: LearningId,
  phase: z.enum(['collect', 'train', 'publish', 'shadow']),
  rows: z.int().min(0),
  /** Of the phase shadow. */
  shadow: ReportedShadow.optional(),
  /** Why no rows come. */
  problem: z.string().max(500).optional(),
  atMs: InstantMs,
})
export type LearningProgress = z.infer<typeof LearningProgress>

/** Not strict: a later device may report more. */
export const HeldLearnings = z.object({
  revision: Digest.optional(),
  progress: z.array(LearningProgress).max(LEARNING_ORDERS_MAX).default([]),
  /** The rows that the device has kept of normal times. */
  marks: z
    .array(z.object({ mark: LearningMarkId, rows: z.int().min(0) }))
    .max(HELD_MARKS_MAX)
    .optional(),
})
export type HeldLearnings = z.infer<typeof HeldLearnings>

/** The row of this document. */
export const LEARNINGS = {
  name: 'learnings',
  document: LearningsDocument,
  held: HeldLearnings,
} satisfies HeldKind<LearningsDocument, HeldLearnings>
