/**
 * Flow step: makes one signal, named as the step, of signals that were named before it. So a flow is read from the top,
 * and has no cycles. `flow-shapes.ts` states the input and output shapes of each step.
 */
import * as z from 'zod'
import { AnswerSchema } from '../language-models/answer-schema.ts'
import { Name } from '../values/names.ts'
import { FlowUnit } from './flow-units.ts'

/** Safe as a name in expressions, files and topics. */
export const SignalName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    'must be 1 to 63 letters, digits and _, beginning with a letter or _, as it is a name in expressions',
  )

/** A day: older values say nothing about the present machine. */
export const FLOW_SPAN_MAX_MS = 86_400_000
const SpanMs = z.int().min(1).max(FLOW_SPAN_MAX_MS)

/** The least is that of the fastest group of a source. */
const GridMs = z.int().min(10).max(FLOW_SPAN_MAX_MS)

/** A vibration sensor at 25.6 kHz gives this much in five seconds; each costs 17 bytes. */
export const WINDOW_SAMPLES_MAX = 131_072

/** [Spectra of 8,192 lines are the finest that analysers offer] Elements of a vector. */
export const VECTOR_LENGTH_MAX = 8_193

/** A row of a table with more columns is a table of its own. */
export const FLOW_FROM_MAX = 64

const Samples = z.int().min(1).max(WINDOW_SAMPLES_MAX)
const Several = z.array(SignalName).min(1).max(FLOW_FROM_MAX)
const One = { name: SignalName, from: SignalName }
const Many = { name: SignalName, from: Several }

/** A page of text; a longer expression belongs in a model. */
export const FlowExpression = z.string().trim().min(1).max(4_000)

/** Numbers, times `scale`, plus `offset`; or from one unit to another. */
const Convert = z.strictObject({
  ...One,
  kind: z.literal('convert'),
  scale: z.number().default(1),
  offset: z.number().default(0),
  unit: z.strictObject({ from: FlowUnit, to: FlowUnit }).optional(),
})

/** Passes values for which the expression, over `value` and the newest of `with` by their names, is true. */
const Filter = z.strictObject({
  ...One,
  kind: z.literal('filter'),
  where: FlowExpression,
  with: z.array(SignalName).max(FLOW_FROM_MAX).default([]),
})

/**
 * The newest value at each multiple of `everyMs`; bad once it is older than `maxAgeMs`, and then nothing until there is
 * another.
 */
const Resample = z.strictObject({ ...One, kind: z.literal('resample'), everyMs: GridMs, maxAgeMs: SpanMs })

/**
 * One row of the newest of several: at each multiple of `everyMs`, when the signal `when` has a new value, or when any
 * of them does. Nothing comes before all have a value. The row is bad if one of them is older than `maxAgeMs`.
 */
const Align = z.strictObject({
  ...Many,
  kind: z.literal('align'),
  everyMs: GridMs.optional(),
  when: SignalName.optional(),
  maxAgeMs: SpanMs,
})

/** The values of all of them at the same moment, one after the other. */
const Concat = z.strictObject({ ...Many, kind: z.literal('concat') })

/** The last `samples`, emitted after each `every`; tumbling if both are the same. Nothing comes before it is full. */
const CountWindow = z.strictObject({
  ...One,
  kind: z.literal('window'),
  by: z.literal('count'),
  samples: Samples,
  every: Samples.default(1),
})

/** The samples of the last `lastMs`, emitted at each multiple of `everyMs`; tumbling if both are the same. */
const TimeWindow = z.strictObject({
  ...One,
  kind: z.literal('window'),
  by: z.literal('time'),
  lastMs: SpanMs,
  everyMs: GridMs,
  /** Beyond it the oldest are dropped, and counted. */
  samplesMax: Samples.default(4_096),
  /** Emitted only with at least this number. */
  samplesMin: Samples.default(1),
})

/** The samples without a pause of `gapMs` between them, emitted when the pause comes, or when the window is full. */
const SessionWindow = z.strictObject({
  ...One,
  kind: z.literal('window'),
  by: z.literal('session'),
  gapMs: SpanMs,
  samplesMax: Samples.default(4_096),
})

export const Measure = z.union([
  z.enum(['count', 'mean', 'std', 'min', 'max', 'range', 'median', 'rms', 'sum', 'slope', 'first', 'last']),
  z.strictObject({ quantile: z.number().min(0).max(1) }),
])
export type Measure = z.infer<typeof Measure>

/**
 * For each column of a window, in the order of their names. `std` divides by the count, `slope` is per second, a
 * quantile lies between samples.
 */
const Statistics = z.strictObject({
  ...One,
  kind: z.literal('statistics'),
  of: z.array(Measure).min(1).max(16),
})

/** The spectrum of one column: from 0 to half the rate. `magnitude` is the amplitude of a sine, `power` its square. */
const Fft = z.strictObject({
  ...One,
  kind: z.literal('fft'),
  column: z.int().min(0).max(VECTOR_LENGTH_MAX).default(0),
  output: z.enum(['magnitude', 'power']).default('magnitude'),
  /** Hann keeps a tone between two lines from spreading over all. */
  taper: z.enum(['hann', 'none']).default('hann'),
  /** Takes the mean away first, which else stands in the first lines. */
  centre: z.boolean().default(true),
})

const Lag = z.strictObject({ ...One, kind: z.literal('lag'), samples: z.int().min(1).max(10_000) })

const Difference = z.strictObject({
  ...One,
  kind: z.literal('difference'),
  /** The difference itself, or how quickly it changes. */
  per: z.enum(['sample', 'second', 'minute', 'hour']).default('sample'),
})

const OneHot = z.strictObject({
  ...One,
  kind: z.literal('one-hot'),
  of: z
    .array(z.union([z.number(), z.string().max(250)]))
    .min(2)
    .max(256),
  /** Stands for a value that is not named: all zeros, or a bad one. */
  other: z.enum(['zeros', 'bad']).default('bad'),
})

const TableWord = z.string().trim().min(1).max(128)

/**
 * The value that a table has for a number or a text. The table is a file of data on the device: CSV with a head line, or
 * JSON. The flow follows the release of the data.
 */
const Lookup = z.strictObject({
  ...One,
  kind: z.literal('lookup'),
  data: Name,
  /** The file in the data, such as `limits.csv`. */
  file: z
    .string()
    .max(240)
    .regex(
      /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+){0,7}\.(csv|json)$/,
      'must be the path of a .csv or .json file in the data',
    ),
  /** The column with the keys; the first of a CSV file if absent. The fields of a JSON object are keys themselves. */
  key: TableWord.optional(),
  /** The column or field with the values; the second of a CSV file, or the whole value in JSON, if absent. */
  value: TableWord.optional(),
  gives: z.enum(['number', 'text']).default('number'),
  /** Stands for a key that the table does not have; a bad value if absent. */
  otherwise: z.union([z.number(), z.string().max(250)]).optional(),
})

const Spread = z.number().positive()

/**
 * (value - mean) / std: of all, or of each column; given here, or by the model's metadata `skerry.mean` and
 * `skerry.std` (JSON arrays).
 */
const Normalise = z.strictObject({
  ...One,
  kind: z.literal('normalise'),
  mean: z.array(z.number()).min(1).max(VECTOR_LENGTH_MAX).optional(),
  std: z.array(Spread).min(1).max(VECTOR_LENGTH_MAX).optional(),
  model: Name.optional(),
})

const Share = z.number().min(0).max(1)

/** Three channels of 1,280 by 1,280, the largest that detectors for devices look at; 20 MB each. */
export const TENSOR_NUMBERS_MAX = 3 * 1_280 * 1_280

/**
 * The input of a model, made from a picture: its `crop` (in shares of its width and height), at this size. Each number
 * is (pixel * scale - mean) / std, with one mean and std for all channels or for each. Mean and std are given here, or
 * by the metadata of `model`.
 */
const ImageStep = z.strictObject({
  ...One,
  kind: z.literal('image'),
  width: z.int().min(1).max(4_096),
  height: z.int().min(1).max(4_096),
  crop: z
    .strictObject({ x: Share, y: Share, width: Share.min(0.001), height: Share.min(0.001) })
    .refine(({ x, y, width, height }) => x + width <= 1.000_001 && y + height <= 1.000_001, 'lies beyond the picture')
    .optional(),
  fit: z.enum(['pad', 'stretch', 'cover']).default('pad'),
  /** The pixel value of the filling beside the picture. */
  fill: z.int().min(0).max(255).default(0),
  layout: z.enum(['nchw', 'nhwc']).default('nchw'),
  order: z.enum(['rgb', 'bgr']).default('rgb'),
  scale: z
    .number()
    .positive()
    .default(1 / 255),
  mean: z.array(z.number()).min(1).max(3).optional(),
  std: z.array(Spread).min(1).max(3).optional(),
  model: Name.optional(),
})

/** As many as the sets that detectors are trained with have, and then some: Objects365 and LVIS, of 1,203. */
const ClassName = z.string().trim().min(1).max(64)
const ClassNames = z.array(ClassName).min(1).max(2_000)

/**
 * The objects that a detector found in a picture, from the tensors of its answer: boxes in pixels of the camera's
 * picture, the highest score first. `layout` states which tensor holds which kind of numbers; `format` states which
 * numbers form a box.
 */
const Detections = z.strictObject({
  ...One,
  kind: z.literal('detections'),
  layout: z.enum(['separate', 'yolov8', 'yolov5', 'final']),
  /**
   * Corners, corner and size, or centre and size. By default, YOLOv5 and v8 use centre and size, and others corners.
   */
  format: z.enum(['xyxy', 'yxyx', 'xywh', 'cxcywh']).optional(),
  /** Relative to the model's input: its pixels, or shares of its width and height. */
  unit: z.enum(['pixels', 'shares']).default('pixels'),
  /** The function that turns raw scores into shares. */
  activation: z.enum(['none', 'sigmoid', 'softmax']).default('none'),
  /** Names in the order of the model; from its metadata if absent. */
  classes: ClassNames.optional(),
  /** The wanted classes; all others are left out. */
  only: ClassNames.optional(),
  scoreMin: Share.default(0.5),
  /**
   * If two boxes overlap by more than this share, the one with the higher score stays: among boxes of the same class,
   * or of all.
   */
  iouMax: Share.default(0.5),
  among: z.enum(['class', 'all']).default('class'),
  /** People read the objects of one picture, and they must fit into a message of the hub's link. */
  max: z.int().min(1).max(1_000).default(100),
})

/** The result of an expression: a number (true and false are 1 and 0), text, or a vector of a length. */
const Gives = z.union([z.enum(['number', 'text']), z.strictObject({ vector: z.int().min(1).max(VECTOR_LENGTH_MAX) })])

/**
 * [JSONata] Over the newest values of the signals by their names; evaluated when `when` has a new value, or any of
 * them. An undefined result is not emitted.
 */
const Expression = z.strictObject({
  ...Many,
  kind: z.literal('expression'),
  expression: FlowExpression,
  when: SignalName.optional(),
  gives: Gives.default('number'),
})

const ModelChoice = { model: Name, version: z.int().min(1).optional() }

/** The queue before a slow part: beyond `max` one is dropped, and counted. */
export const FlowQueue = z.strictObject({
  /** A model of 10 ms is a third of a second behind by then. */
  max: z.int().min(1).max(4_096).default(32),
  drop: z.enum(['oldest', 'newest']).default('oldest'),
})

/**
 * Sends a request to a model on the device. Signals are its inputs, in the order of `inputs` or of the model itself.
 */
const ModelStep = z.strictObject({
  ...Many,
  kind: z.literal('model'),
  ...ModelChoice,
  inputs: z.array(z.string().min(1).max(512)).min(1).max(FLOW_FROM_MAX).optional(),
  /**
   * `rows`: the signals are rows of one batch, as of several machines of a kind; the answer is a vector, with an
   * element for each.
   */
  as: z.enum(['inputs', 'rows']).default('inputs'),
  when: SignalName.optional(),
  output: z
    .strictObject({
      name: z.string().min(1).max(512).optional(),
      /** One element of the answer, or the first `length`. */
      index: z.int().min(0).max(VECTOR_LENGTH_MAX).default(0),
      length: z.int().min(1).max(VECTOR_LENGTH_MAX).optional(),
      /** Or these of its tensors as they are, for `detections`. */
      tensors: z.array(z.string().min(1).max(512)).min(1).max(4).optional(),
    })
    .prefault({}),
  /** How many waiting requests are sent at once. 1 for a model that takes no batch. */
  batchMax: z.int().min(1).max(256).default(1),
  timeoutMs: z.int().min(1).max(60_000).default(1_000),
  /** Used if the model is not loaded, or fails. */
  fallback: z.strictObject(ModelChoice).optional(),
  queue: FlowQueue.prefault({}),
})

/**
 * Asks a language model on the device. Signals stand in the prompt by their names in braces, as `{pressure}`. Experimental.
 */
const AskStep = z.strictObject({
  ...Many,
  kind: z.literal('ask'),
  ...ModelChoice,
  prompt: z.string().trim().min(1).max(8_000),
  /** Instructions; those of the version if absent. */
  system: z.string().trim().min(1).max(8_000).optional(),
  when: SignalName.optional(),
  /** Binds the answer to JSON of this form. */
  schema: AnswerSchema.optional(),
  /** The field of a JSON answer that is the value, such as `pump` or `report.severity`. The whole answer if absent. */
  field: z
    .string()
    .max(200)
    .regex(/^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/, 'must be names with dots between them')
    .optional(),
  gives: z.enum(['text', 'number']).default('text'),
  /** The answer ends after this number of tokens. JSON that is not complete then is no answer. */
  answerTokens: z.int().min(1).max(2_048).default(128),
  /** A small device makes some tokens a second. */
  timeoutMs: z.int().min(1).max(600_000).default(60_000),
  queue: FlowQueue.prefault({ max: 4 }),
})

/** 1 above `above` (or below `below`) for `forMs`, 0 again only once it is back beyond `clear` for `clearForMs`. */
const Threshold = z.strictObject({
  ...One,
  kind: z.literal('threshold'),
  above: z.number().optional(),
  below: z.number().optional(),
  /** The level at which it switches off again; the threshold itself if absent. */
  clear: z.number().optional(),
  forMs: z.int().min(0).max(FLOW_SPAN_MAX_MS).default(0),
  clearForMs: z.int().min(0).max(FLOW_SPAN_MAX_MS).default(0),
})

/** 1 if at least `k` are not 0: of the signals, or of the last `last` values of one. */
const Votes = z.strictObject({
  ...Many,
  kind: z.literal('k-of-n'),
  k: z.int().min(1).max(10_000),
  last: z.int().min(2).max(10_000).optional(),
})

export const FlowStep = z.discriminatedUnion('kind', [
  ...([Convert, Filter, Resample, Align, Concat, Statistics, Fft, Lag, Difference] as const),
  z.discriminatedUnion('by', [CountWindow, TimeWindow, SessionWindow]),
  ...([OneHot, Lookup, Normalise, ImageStep, Detections, Expression, ModelStep, AskStep, Threshold, Votes] as const),
])
export type FlowStep = z.infer<typeof FlowStep>
export type FlowStepKind = FlowStep['kind']

const ASKING: readonly FlowStepKind[] = ['model', 'ask']

/** Steps that wait for an answer: the next instants continue meanwhile. */
export const isAsking = (step: FlowStep): step is Extract<FlowStep, { kind: 'model' | 'ask' }> =>
  ASKING.includes(step.kind)

export type CalledModel = { step: string; model: string; version?: number | undefined }

/** The models that a step calls: the model, and the one that stands in for it. Empty for a step that calls none. */
export function calledBy(step: FlowStep): CalledModel[] {
  if (!isAsking(step)) return []
  const fallback = 'fallback' in step ? step.fallback : undefined
  return [step, ...(fallback ? [fallback] : [])].map(({ model, version }) => ({ step: step.name, model, version }))
}

/** The signals that a step is made of. */
export function signalsOf(step: FlowStep): string[] {
  const from = typeof step.from === 'string' ? [step.from] : step.from
  return step.kind === 'filter' ? [...from, ...step.with] : from
}
