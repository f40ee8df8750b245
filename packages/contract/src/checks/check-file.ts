/**
 * Check file: the checks of a model, as a person writes them in YAML. `skerry test` runs them on a file or on a version
 * of the hub.
 */
import * as z from 'zod'
import { Tolerance } from '../devices/tolerance.ts'
import { Name } from '../values/names.ts'

/** The name that `skerry test` looks for, and `skerry init` writes. */
export const CHECK_FILE = 'skerry-test.yaml'

/** More checks than these belong into several files. */
export const CHECKS_MAX = 64

/** A timing of more runs is not more exact: the machine differs more. */
export const RUNS_MAX = 10_000

const Path = z.string().min(1).max(1_000)
const Column = z.string().trim().min(1).max(200)
const name = z.string().trim().min(1).max(100).optional()

/** Compares the golden cases of a file of `skerry model push --golden`. Without a file, the CLI takes the cases of the version on the hub. */
const file = Path.optional()

/** The change of an input that an invariance check makes: exactly one of the three operations. */
export const InputChange = z
  .strictObject({
    /** May be left out if the model has one input. */
    input: z.string().min(1).max(512).optional(),
    /** The place on the last axis, from 0; the whole input without it. */
    column: z.int().min(0).optional(),
    add: z.number().optional(),
    multiply: z.number().optional(),
    set: z.number().optional(),
  })
  .refine(
    ({ add, multiply, set }) => [add, multiply, set].filter((each) => each !== undefined).length === 1,
    'must have exactly one of add, multiply and set',
  )
export type InputChange = z.infer<typeof InputChange>

/** same: the answers stay. not-lower, not-higher: no answer falls, or rises. */
export const Expectation = z.enum(['same', 'not-lower', 'not-higher'])
export type Expectation = z.infer<typeof Expectation>

const Share = z.number().min(0).max(1)

/** The figures of rows with labels. */
const Figures = z.strictObject({
  accuracy: Share.optional(),
  mae: z.number().min(0).optional(),
  rmse: z.number().min(0).optional(),
})

export const GoldenCheck = z.strictObject({ check: z.literal('golden'), name, file, tolerance: Tolerance.optional() })
export type GoldenCheck = z.infer<typeof GoldenCheck>

export const InvarianceCheck = z.strictObject({
  check: z.literal('invariance'),
  name,
  file,
  change: InputChange,
  expect: Expectation.default('same'),
  /** All outputs of numbers without it. */
  output: z.string().min(1).max(512).optional(),
  tolerance: Tolerance.optional(),
})
export type InvarianceCheck = z.infer<typeof InvarianceCheck>

export const SliceCheck = z
  .strictObject({
    check: z.literal('slice'),
    name,
    /** CSV with a head line. */
    table: Path,
    label: Column,
    /** Each value of this column is a slice; all rows are one without it. */
    by: Column.optional(),
    /** The columns of the one input, in order; by default all others. */
    features: z.array(Column).min(1).max(10_000).optional(),
    task: z.enum(['classification', 'regression']),
    /** The output that answers; by default the first that fits the task. */
    output: z.string().min(1).max(512).optional(),
    atLeast: Figures.pick({ accuracy: true }).optional(),
    atMost: Figures.pick({ mae: true, rmse: true }).optional(),
    /** The largest difference between two slices. */
    gap: Figures.optional(),
    /** Slices with fewer rows are shown and not judged. */
    rowsMin: z.int().min(1).default(10),
  })
  .refine(
    ({ atLeast = {}, atMost = {}, gap = {} }) => Object.keys({ ...atLeast, ...atMost, ...gap }).length > 0,
    'must have a limit: atLeast, atMost or gap',
  )
export type SliceCheck = z.infer<typeof SliceCheck>

export const LatencyCheck = z
  .strictObject({
    check: z.literal('latency'),
    name,
    file,
    runs: z.int().min(1).max(RUNS_MAX).default(100),
    p50Ms: z.number().positive().optional(),
    p95Ms: z.number().positive().optional(),
  })
  .refine(({ p50Ms, p95Ms }) => p50Ms !== undefined || p95Ms !== undefined, 'must have a limit: p50Ms or p95Ms')
export type LatencyCheck = z.infer<typeof LatencyCheck>

export const SizeCheck = z.strictObject({
  check: z.literal('size'),
  name,
  /** Of the model and its weight files, in millions of bytes. */
  megabytes: z.number().positive(),
})
export type SizeCheck = z.infer<typeof SizeCheck>

export const Check = z.discriminatedUnion('check', [GoldenCheck, InvarianceCheck, SliceCheck, LatencyCheck, SizeCheck])
export type Check = z.infer<typeof Check>

export const CheckFile = z.strictObject({
  /** An ONNX file beside this file, or NAME:VERSION or NAME@alias of the hub. The command line goes first. */
  model: Path.optional(),
  /** The name by which a rule of tests requires the result. */
  suite: Name.optional(),
  checks: z.array(Check).min(1).max(CHECKS_MAX),
})
export type CheckFile = z.infer<typeof CheckFile>
