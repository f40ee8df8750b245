/** Profile rows: the inputs from which the hub makes a reference profile, in the form of golden cases. */
import * as z from 'zod'
import { CaptureTask, LabelValue } from '../captures/capture.ts'
import { charactersOf, GOLDEN_BASE64_CHARACTERS_MAX, PushedCase } from '../devices/golden.ts'
import { Tolerance } from '../devices/tolerance.ts'

/** A model without batches runs once for each row, within the minute that the hub allows. More rows change no bin. */
export const PROFILE_CASES_MAX = 20_000

/** Labels of all rows, of which a case may have many. */
export const PROFILE_LABELS_MAX = 100_000

/** Nothing reads outputs and tolerance. */
export const ProfileRows = z
  .strictObject({
    tolerance: Tolerance.optional(),
    cases: z.array(PushedCase).min(1).max(PROFILE_CASES_MAX),
    /** The true class or number of each row, in their order: from them comes the calibration, or the model of errors. */
    labels: z.array(LabelValue).max(PROFILE_LABELS_MAX).optional(),
    /** classification if absent. */
    task: CaptureTask.optional(),
    /** The output with the scores or the number; the first one that fits if absent. */
    output: z.string().min(1).max(200).optional(),
  })
  .refine(({ cases }) => charactersOf(cases.map(({ inputs }) => inputs)) <= GOLDEN_BASE64_CHARACTERS_MAX, {
    error: `the rows may hold at most ${GOLDEN_BASE64_CHARACTERS_MAX} characters of base64: use fewer rows`,
  })
export type ProfileRows = z.infer<typeof ProfileRows>
