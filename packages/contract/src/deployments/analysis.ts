/**
 * Analyses: measurements while a wave rolls and soaks, and the conditions that must hold before the next wave opens.
 */
import * as z from 'zod'
import { InstantMs, Name } from '../values/names.ts'

/**
 * Measures that the hub computes from device reports. Core's table of measures (analysis-measures.ts) lists the results
 * of each.
 */
export const BuiltInMeasure = z.enum([
  'success-ratio',
  'golden-mismatch',
  'shadow-mismatch',
  'error-rate',
  'latency',
  'restarts',
  'predictions',
  'drift',
  'estimated-accuracy',
  'estimated-error',
])
export type BuiltInMeasure = z.infer<typeof BuiltInMeasure>

/**
 * The hub decides whether it may send requests to this address, by its options and by the address to which the name
 * resolves.
 */
export const WebhookUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(500)
  .refine((text) => !/[\s`]/.test(text) && !/^\w+:\/\/[^/?#]*@/.test(text), 'must not hold a name or a password')

export const Measure = z.union([
  BuiltInMeasure,
  /** One output of the model; `predictions` alone stands for all its numeric outputs together. */
  z.strictObject({ predictions: z.string().min(1).max(200) }),
  z.strictObject({ webhook: WebhookUrl }),
])
export type Measure = z.infer<typeof Measure>

/**
 * A CEL expression over `result`. 500 characters are a screen line or three, and keep sixteen of them within a page.
 */
const ConditionText = z.string().trim().min(1).max(500)

/** 16 are more than anybody watches in one wave. */
export const ANALYSES_MAX = 16

/** Over all waves of a strategy: a rollout keeps the last measurements of each, and is written whole. */
export const ANALYSES_IN_ALL_MAX = 64

/**
 * A measurement that meets neither condition, or has no data, is inconclusive. A measurement that could not be taken is
 * an error, and no failure; too many errors in a row are a failure.
 */
export const Analysis = z
  .strictObject({
    name: Name,
    measure: Measure,
    /** If only one of the two is given, a result that does not meet it counts as the other. */
    success: ConditionText.optional(),
    failure: ConditionText.optional(),
    intervalSeconds: z.int().min(1).max(86_400).default(60),
    /** The number of measurements once every device of the wave has been decided. */
    count: z.int().min(1).max(1_000).default(5),
    /** After the first device of the wave has come to run the revision well. */
    initialDelaySeconds: z.int().min(0).max(604_800).default(0),
    /** The number of tolerated failed measurements; one more fails the wave. -1 tolerates any number. */
    failureLimit: z.int().min(-1).max(1_000).default(0),
    /**
     * The number of tolerated inconclusive ones; one more ends the analysis at once. If absent, none is tolerated, and
     * that is judged at the end.
     */
    inconclusiveLimit: z.int().min(0).max(1_000).optional(),
    /** The number of tolerated errors in a row; one more fails the wave. */
    consecutiveErrorLimit: z.int().min(0).max(1_000).default(4),
    /** With fewer devices, or requests in all, that a built-in measure rests on, a measurement is inconclusive. */
    minDevices: z.int().min(1).max(1_000_000).optional(),
    minRequests: z.int().min(1).max(1_000_000_000).optional(),
    /** It is measured and shown, and decides nothing. */
    dryRun: z.boolean().optional(),
  })
  .refine(({ success, failure }) => success !== undefined || failure !== undefined, {
    message: 'must have a condition for success or for failure',
    path: ['success'],
  })
export type Analysis = z.infer<typeof Analysis>

/** The analyses of one wave. */
export const Analyses = z
  .array(Analysis)
  .max(ANALYSES_MAX)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each must have a name of its own')

/**
 * The result of a measure: numbers, and from a webhook also texts and booleans. 32 are more than a condition can name.
 */
export const RESULT_FIELDS_MAX = 32
export const MeasuredResult = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be a name such as pass_rate'),
    z.union([z.number(), z.boolean(), z.string().max(200)]),
  )
  .refine((result) => Object.keys(result).length <= RESULT_FIELDS_MAX, `at most ${RESULT_FIELDS_MAX} fields`)
export type MeasuredResult = z.infer<typeof MeasuredResult>

/** successful, failed: a condition is true. inconclusive: none is. error: it could not be taken. */
export const MeasurementPhase = z.enum(['successful', 'failed', 'inconclusive', 'error'])
export type MeasurementPhase = z.infer<typeof MeasurementPhase>

export const Measurement = z.strictObject({
  /** The time at which it was due identifies it: a repeated measurement counts once. */
  dueAtMs: InstantMs,
  atMs: InstantMs,
  phase: MeasurementPhase,
  /** The measured values: the fields that its conditions name, and the fields on which it is based. */
  result: MeasuredResult.optional(),
  /** Why it is not successful. */
  message: z.string().max(500).optional(),
})
export type Measurement = z.infer<typeof Measurement>

/** The number of measurements that each analysis keeps [Argo]. */
export const MEASUREMENTS_KEPT = 10

const count = z.int().min(0)

/** How an analysis of a wave stands. */
export const AnalysisRun = z.strictObject({
  /** Since every device of the wave has been decided, and before that only those that failed, or were errors. */
  counts: z.strictObject({ successful: count, failed: count, inconclusive: count, error: count }),
  /** Measurements other than errors since every device has been decided: at the analysis' count it ends. */
  settled: count,
  errorsInARow: count,
  /** When the next measurement is due; absent once nothing more is measured. */
  dueAtMs: InstantMs.optional(),
  /** Oldest first. */
  last: z.array(Measurement).max(MEASUREMENTS_KEPT),
  /** The verdict `error` counts as failed. */
  verdict: MeasurementPhase.optional(),
  /** The reason, if the verdict is not successful. */
  reason: z.string().max(1_000).optional(),
  /** A person resumed the rollout although it was not successful. */
  isBorne: z.literal(true).optional(),
})
export type AnalysisRun = z.infer<typeof AnalysisRun>

/** An analysis with how it stands, as people see it. `run` is absent until there is something to measure. */
export const AnalysisView = z.strictObject({ analysis: Analysis, run: AnalysisRun.optional() })
export type AnalysisView = z.infer<typeof AnalysisView>
