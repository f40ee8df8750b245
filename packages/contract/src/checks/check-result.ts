/** Check result: the outcome of the checks of a model, for programs, and as the statement that a key signs. */
import * as z from 'zod'
import { IN_TOTO_STATEMENT_TYPE } from '../models/signature.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'
import { Check } from './check-file.ts'

export const CheckOutcome = z.strictObject({
  check: z.enum(Check.options.map((option) => option.shape.check.value)),
  /** Unique in its file. */
  name: z.string().min(1).max(200),
  passed: z.boolean(),
  /** The measured values, in words. */
  measured: z.string().max(2_000),
  limit: z.string().max(500),
})
export type CheckOutcome = z.infer<typeof CheckOutcome>

export const CheckedFile = z.strictObject({ path: z.string().min(1).max(1_000), digest: Digest })
export type CheckedFile = z.infer<typeof CheckedFile>

export const CheckReport = z.strictObject({
  passed: z.boolean(),
  /** The suite of the file with the checks, if it names one. */
  suite: Name.optional(),
  /** The path, or NAME:VERSION. */
  model: z.string().min(1).max(1_000),
  files: z.array(CheckedFile).min(1).max(10_000),
  /** The digest of the file with the checks. */
  checkFile: Digest,
  checks: z.array(CheckOutcome).min(1),
  finishedAtMs: InstantMs,
  /** The program, such as `skerry 0.1.0`. */
  tool: z.string().min(1).max(200),
})
export type CheckReport = z.infer<typeof CheckReport>

/** [in-toto attestation, predicates/test-result.md, v0.1] */
export const TEST_RESULT_PREDICATE_TYPE = 'https://in-toto.io/attestation/test-result/v0.1'

const Hex256 = z.string().regex(/^[0-9a-f]{64}$/)
const Descriptor = z.object({ name: z.string().min(1).max(1_024), digest: z.object({ sha256: Hex256 }) })
const Names = z.array(z.string().max(200)).optional()

/** Not strict: other programs write this predicate too, with fields of their own. */
export const TestStatement = z.object({
  _type: z.literal(IN_TOTO_STATEMENT_TYPE),
  subject: z.array(Descriptor).min(1).max(10_000),
  predicateType: z.literal(TEST_RESULT_PREDICATE_TYPE),
  predicate: z.object({
    result: z.enum(['PASSED', 'WARNED', 'FAILED']),
    configuration: z.array(Descriptor),
    passedTests: Names,
    warnedTests: Names,
    failedTests: Names,
    /** Our own field: the measured values. */
    skerry_report: z.unknown().optional(),
  }),
})
export type TestStatement = z.infer<typeof TestStatement>
