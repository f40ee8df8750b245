/**
 * Marks: times about which a person has decided for the next learning of a name. `normal`: the rows of an alarm that was
 * none are learned too. `left-out`: rows of this time are not learned. No mark changes a running detector.
 */
import * as z from 'zod'
import { LearningMarkId } from '../values/ids.ts'
import { InstantMs, Reason } from '../values/names.ts'

/** Of one learning. A machine whose normal state needs more should be learned anew. */
export const LEARNING_MARKS_MAX = 32

/** A longer time is no exception: learn it. */
export const MARK_MS_MAX = 7 * 86_400_000

export const MarkKind = z.enum(['normal', 'left-out'])
export type MarkKind = z.infer<typeof MarkKind>

export const LearningMark = z.strictObject({
  id: LearningMarkId,
  kind: MarkKind,
  fromMs: InstantMs,
  toMs: InstantMs,
  reason: z.string().max(1_000),
  /** The rows of a normal time that the device has kept. Absent until it has looked. */
  rows: z.int().min(0).optional(),
  createdAtMs: InstantMs,
  createdBy: z.string().max(200),
})
export type LearningMark = z.infer<typeof LearningMark>

/** Of one start. Marks of other learnings of the name count against the limit of marks, too. */
export const LEFT_OUT_TIMES_MAX = 8

/** A time that is left out from the beginning, past or planned. */
export const LeftOutTime = z
  .strictObject({ fromMs: InstantMs, toMs: InstantMs, reason: Reason })
  .refine(({ fromMs, toMs }) => toMs > fromMs && toMs - fromMs <= MARK_MS_MAX, {
    path: ['toMs'],
    error: 'must be after fromMs, by at most seven days',
  })
export type LeftOutTime = z.infer<typeof LeftOutTime>

export const LeftOutTimes = z.array(LeftOutTime).max(LEFT_OUT_TIMES_MAX)
export type LeftOutTimes = z.infer<typeof LeftOutTimes>

/** The effect of marks on a detector. */
export const MarkedRows = z.strictObject({
  /** The marks that counted. */
  marks: z.array(LearningMarkId).max(LEARNING_MARKS_MAX),
  /** Rows that were learned besides the collected ones. */
  rows: z.int().min(0),
  /** Collected rows that were not learned. */
  leftOut: z.int().min(0),
  /** The threshold rose by this factor, so that the normal times raise no alarm. 1 is not at all. */
  raised: z.number().min(1),
})
export type MarkedRows = z.infer<typeof MarkedRows>
