/** The learnings that a device carries out, and their progress. */
import * as z from 'zod'
import { LearningSpec } from '../learning/learning.ts'
import { Digest } from '../values/digest.ts'
import { DeviceId, LearningId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/** A device collects rows for all of them at once, and trains for one at a time. */
export const LEARNING_ORDERS_MAX = 8

/** Not strict: a later hub may add fields. */
export const LearningOrder = z.object({
  learning: LearningId,
  spec: z.object(LearningSpec.shape),
  /** Of the chance in training. */
  seed: z.int().min(0),
})
export type LearningOrder = z.infer<typeof LearningOrder>

export const LearningsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  revision: Digest,
  orders: z.array(LearningOrder).max(LEARNING_ORDERS_MAX),
})
export type LearningsDocument = z.infer<typeof LearningsDocument>

export const LearningProgress = z.object({
  learning: LearningId,
  phase: z.enum(['collect', 'train', 'publish']),
  rows: z.int().min(0),
  /** Why no rows come. */
  problem: z.string().max(500).optional(),
  atMs: InstantMs,
})
export type LearningProgress = z.infer<typeof LearningProgress>

/** Not strict: a later device may report more. */
export const HeldLearnings = z.object({
  revision: Digest.optional(),
  progress: z.array(LearningProgress).max(LEARNING_ORDERS_MAX).default([]),
})
export type HeldLearnings = z.infer<typeof HeldLearnings>

/** The row of this document. */
export const LEARNINGS = {
  name: 'learnings',
  document: LearningsDocument,
  held: HeldLearnings,
} satisfies HeldKind<LearningsDocument, HeldLearnings>
