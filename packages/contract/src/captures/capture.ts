/**
 * Captures: rows of a model, inputs and outputs, that devices keep on their own disks for review. The hub stores the
 * rules and the labels that people give, and never a row.
 */
import * as z from 'zod'
import { SignalName } from '../flows/flow-step.ts'
import { Tensor } from '../models/tensor.ts'
import { FeatureName } from '../monitors/profile.ts'
import { InstantMs, Name } from '../values/names.ts'

/** Rows of one model on one device: more than a person labels in a year. */
const KEEP_MAX = 10_000

const MIB = 1024 * 1024

/** Feature names have brackets and dots; the number is as people type it. */
const CONDITION = /^\s*[A-Za-z_][\w./-]*(\[\d{1,4}\])?\s*(<=|>=|<|>)\s*-?\d{1,15}(\.\d{1,15})?\s*$/

/** Compares `confidence`, or a feature of the outputs, with a number. */
export const CaptureCondition = z
  .string()
  .max(200)
  .regex(CONDITION, 'must compare confidence or an output with a number, such as "confidence < 0.6" or "y[1] > 4"')

/** [numpy, basic indexing] `:` is the whole axis; `0:40` is half-open. */
const RANGE = /^\s*(:|(\d{1,6})\s*:\s*(\d{1,6}))\s*$/

/**
 * A tensor, a column of it such as `x[1]`, or a box of a picture such as `image[:, 0:40, 0:120]`: a range for each axis
 * after that of the rows.
 */
export const Redacted = FeatureName.refine(
  (text) => !/[[\]:]/.test(text) || /^[^[\]]+\[\d{1,6}\]$/.test(text) || isBoxOf(text),
  'must be a tensor, a column such as x[1], or a box such as image[:, 0:40, 0:120]',
)

function isBoxOf(text: string): boolean {
  const [, inside = ''] = /^[^[\]]+\[([^[\]]*)\]$/.exec(text) ?? []
  const ranges = inside.split(',').map((range) => RANGE.exec(range))
  const limits = ranges.filter((range) => range?.[2] !== undefined)
  return ranges.every(Boolean) && limits.length > 0 && limits.every((range) => Number(range?.[2]) < Number(range?.[3]))
}

/** Flows whose alarms keep rows of one model. The device holds the newest rows of each flow in memory. */
const ALARMS_MAX = 4

/** A signal of a flow that a sink of the flow sends, as `pump-anomaly/alarm`. */
export const AlarmSignal = z.string().refine((text) => {
  const [flow, signal, ...rest] = text.split('/')
  return Name.safeParse(flow).success && SignalName.safeParse(signal).success && rest.length === 0
}, 'must be a flow and a signal of it, such as pump-anomaly/alarm')

/** classification: the answer is a class. regression: it is a number. */
export const CaptureTask = z.enum(['classification', 'regression'])
export type CaptureTask = z.infer<typeof CaptureTask>

const rulesShape = {
  /** Rows whose answer fulfils it are kept. */
  when: CaptureCondition.optional(),
  /** The share of all rows that are kept too. */
  sample: z.number().min(0).max(1).default(0),
  /** If one of these signals becomes something else than 0, the rows that its flow gave to the model are kept. */
  alarms: z.array(AlarmSignal).max(ALARMS_MAX).optional(),
  /** The most rows of a device; then the oldest are deleted. */
  keep: z.int().min(1).max(KEEP_MAX).default(500),
  /** The most bytes of a device. */
  keepBytes: z
    .int()
    .min(4_096)
    .max(1_024 * MIB)
    .default(64 * MIB),
  /** Rows are deleted after this time; at most a year. */
  forSeconds: z.int().min(3_600).max(31_536_000).default(2_592_000),
  /** Why rows of people or machines are kept: data protection asks for it. */
  purpose: z.string().trim().min(3).max(500),
  /** These parts of a row are emptied before it is stored. */
  redact: z.array(Redacted).max(64).default([]),
  task: CaptureTask.default('classification'),
  /** The output with the scores or the number; the first that fits if absent. */
  output: z.string().min(1).max(200).optional(),
}

/** Without a condition, a share and an alarm no row is kept: the hub rejects such rules. */
export const CaptureRules = z.strictObject(rulesShape)
export type CaptureRules = z.infer<typeof CaptureRules>

/** A device that keeps rows, or will once it is there. */
export const CaptureDevice = z.strictObject({
  device: Name,
  /** The device has these rules. */
  isCurrent: z.boolean(),
  isConnected: z.boolean(),
})
export type CaptureDevice = z.infer<typeof CaptureDevice>

/** The devices that are shown of a capture. */
export const CAPTURE_DEVICES_SHOWN = 200

export const Capture = z.strictObject({
  model: Name,
  rules: CaptureRules,
  /** The newest order of its monitor. */
  order: z.strictObject({ version: z.int().min(1), rows: z.int().min(1), atMs: InstantMs }).optional(),
  labels: z.int().min(0),
  changedAtMs: InstantMs,
  changedBy: z.string().max(200),
})
export type Capture = z.infer<typeof Capture>

/** The id that the application gave to its request, with the number of the row if it had several. */
export const RequestKey = z.string().min(1).max(128)
export type RequestKey = z.infer<typeof RequestKey>

/** A class or a number, as people write it. */
export const LabelValue = z.string().trim().min(1).max(200)
export type LabelValue = z.infer<typeof LabelValue>

/**
 * monitor: the monitor of the model ordered rows, because a version alerted. alarm: the row came before an alarm of the
 * flow that gave it to the model.
 */
export const CaptureReason = z.enum(['condition', 'sample', 'monitor', 'alarm'])
export type CaptureReason = z.infer<typeof CaptureReason>

/** A row as a device keeps it. Not strict: a later device may add fields. */
export const CapturedRow = z.object({
  /** Its place on the device; newer rows have larger ones. */
  place: z.int().min(1),
  request: RequestKey,
  version: z.int().min(1),
  atMs: InstantMs,
  reason: CaptureReason,
  predicted: LabelValue.optional(),
  confidence: z.number().optional(),
  /** Absent if only the prediction was requested. */
  inputs: z.record(z.string(), Tensor).optional(),
  outputs: z.record(z.string(), Tensor).optional(),
  redacted: z.array(FeatureName).max(64),
  /** A keyed digest of the person or thing that the row is about. */
  subject: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
})
export type CapturedRow = z.infer<typeof CapturedRow>

/** Some hundred bytes of prediction each. */
export const KEYS_MAX = 500

/** A screen of rows. */
export const ROWS_READ_MAX = 100

/** A picture of 300 × 300 pixels in UINT8. Larger rows are not kept. */
export const ROW_BYTES_MAX = 384 * 1024

/** A row for review, with its label if it has one. */
export const ReviewedRow = z.strictObject({
  ...CapturedRow.omit({ subject: true }).shape,
  label: LabelValue.optional(),
  labelledBy: z.string().max(200).optional(),
})
export type ReviewedRow = z.infer<typeof ReviewedRow>

export const CaptureLabel = z.strictObject({
  request: RequestKey,
  version: z.int().min(1),
  atMs: InstantMs,
  predicted: LabelValue,
  label: LabelValue,
  labelledAtMs: InstantMs,
  labelledBy: z.string().max(200),
})
export type CaptureLabel = z.infer<typeof CaptureLabel>

/** A label that a person or a program gives. With `predicted`, `version` and `atMs`, no device is asked. */
export const GivenLabel = z.strictObject({
  request: RequestKey,
  label: LabelValue,
  predicted: LabelValue.optional(),
  version: z.int().min(1).optional(),
  atMs: InstantMs.optional(),
})
export type GivenLabel = z.infer<typeof GivenLabel>

export const LabelOutcome = z.strictObject({
  stored: z.int().min(0),
  /** Requests that no device keeps, and whose prediction is not given. */
  unmatched: z.array(RequestKey).max(KEYS_MAX),
})
export type LabelOutcome = z.infer<typeof LabelOutcome>

/** A labelled row of a data set. */
export const ExportedRow = z.strictObject({
  device: Name,
  ...ReviewedRow.shape,
  label: LabelValue,
})
export type ExportedRow = z.infer<typeof ExportedRow>

/** As the application names the person or thing in its request. */
export const SubjectId = z.string().trim().min(1).max(200)
