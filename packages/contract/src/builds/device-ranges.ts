/**
 * Device ranges: the ranges of a model's tensors, computed on a device from the rows that it captured. They leave the
 * device, and no row does. The batch command `calibrate-model` asks for them, and `build.calibrateCommand` makes it.
 */
import * as z from 'zod'
import { ModelFile } from '../models/model.ts'
import { TensorSpec } from '../models/tensor.ts'
import { Digest } from '../values/digest.ts'
import { Name } from '../values/names.ts'
import { CALIBRATION_ROWS_MAX } from './calibration.ts'

/** The least and the largest value of fewer rows would nearly be the rows themselves. */
export const DEVICE_ROWS_MIN = 8

/** A model runs once for each row, and a device has other work. */
const ROWS_DEFAULT = 256

/** The signed statement of a batch has 48 KB at most, and a file takes some 150 bytes. */
const FILES_MAX = 128

/** As many as a model of that size has; each takes some 60 bytes. */
const INPUTS_MAX = 128

/** The most rows that a device uses: its newest ones that fit the model. */
const rows = z.int().min(DEVICE_ROWS_MIN).max(CALIBRATION_ROWS_MAX).default(ROWS_DEFAULT)

export const CalibrateCommand = z.strictObject({
  kind: z.literal('calibrate-model'),
  name: Name,
  version: z.int().min(1),
  digest: Digest,
  files: z.array(ModelFile).min(1).max(FILES_MAX),
  /** A row of another model, or of a version with other inputs, does not fit them. */
  inputs: z.array(TensorSpec).min(1).max(INPUTS_MAX),
  rows,
})
export type CalibrateCommand = z.infer<typeof CalibrateCommand>

export const CalibrateRequest = z.strictObject({ rows })
export type CalibrateRequest = z.infer<typeof CalibrateRequest>

/** The ways to take a range from the distribution of a tensor. */
export const RangeMethod = z.enum(['minmax', 'percentile', 'entropy'])
export type RangeMethod = z.infer<typeof RangeMethod>

const Bounds = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'the lower bound must not be above the upper one')

/** By tensor, one range for each method, in the order of `RangeMethod`. An output of 64 KB holds some 700. */
export const TensorRanges = z.record(z.string().min(1).max(1_000), z.tuple([Bounds, Bounds, Bounds]))
export type TensorRanges = z.infer<typeof TensorRanges>

/** The answer of a device to `calibrate-model`: the output of its job, as JSON. */
export const RangesReport = z.strictObject({
  agent: z.string().max(63),
  rows: z.int().min(DEVICE_ROWS_MIN).max(CALIBRATION_ROWS_MAX),
  /** Rows that do not fit the model, have redacted inputs, or hold NaN. */
  leftOut: z.int().min(0),
  ranges: TensorRanges,
})
export type RangesReport = z.infer<typeof RangesReport>

/** The ranges of all devices of a batch, as an optimisation holds them in a blob. */
export const JoinedRanges = z.strictObject({
  rows: z.int().min(1),
  devices: z.int().min(1),
  ranges: TensorRanges,
})
export type JoinedRanges = z.infer<typeof JoinedRanges>
