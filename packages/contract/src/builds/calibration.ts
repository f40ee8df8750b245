/**
 * Calibration: inputs of a model from which recipes take the ranges of its tensors. They are golden inputs, a data set
 * that a person uploads as a blob of JSON, or rows that devices captured and keep (device-ranges.ts).
 */
import * as z from 'zod'
import { charactersOf, NamedTensors, PushedCase } from '../devices/golden.ts'
import { Tolerance } from '../devices/tolerance.ts'
import { Digest } from '../values/digest.ts'

/** A model runs once for each row while the two minutes of a build last. */
export const CALIBRATION_ROWS_MAX = 512

/** The hub and the process of the build hold the rows in memory. 300 images of 48 × 320 pixels fit. */
export const CALIBRATION_BASE64_CHARACTERS_MAX = 72 * 1024 * 1024

/** The blob of a data set: the rows, and the JSON around them. */
export const CALIBRATION_BYTES_MAX = CALIBRATION_BASE64_CHARACTERS_MAX + 8 * 1024 * 1024

/** A row of a data set. The labels are right answers by the names of outputs: numbers of classes, or values. */
export const CalibrationRow = z.strictObject({ ...PushedCase.shape, labels: NamedTensors.optional() })
export type CalibrationRow = z.infer<typeof CalibrationRow>

/** A data set, in the form of golden cases; nothing reads outputs and tolerance. */
export const CalibrationInputs = z
  .strictObject({ tolerance: Tolerance.optional(), cases: z.array(CalibrationRow).max(CALIBRATION_ROWS_MAX) })
  .refine(
    ({ cases }) =>
      charactersOf(cases.flatMap(({ inputs, labels = {} }) => [inputs, labels])) <= CALIBRATION_BASE64_CHARACTERS_MAX,
    {
      error: `calibration inputs may hold at most ${CALIBRATION_BASE64_CHARACTERS_MAX} characters of base64: use fewer or smaller rows`,
    },
  )
export type CalibrationInputs = z.infer<typeof CalibrationInputs>

/**
 * The inputs behind the ranges of a build. The digest names the golden file of the version, the data set, or the joined
 * ranges of devices.
 */
export const Calibration = z.strictObject({
  digest: Digest,
  rows: z.int().min(1),
  origin: z.enum(['golden', 'data-set', 'devices']),
})
export type Calibration = z.infer<typeof Calibration>

/** The rows of a data set that have labels and gave no ranges. */
export const LabelSet = z.strictObject({ digest: Digest, rows: z.int().min(1) })
export type LabelSet = z.infer<typeof LabelSet>
