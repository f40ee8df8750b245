/**
 * Test reports: signed results of checks that belong to a version, and the rules that require them. Only the hub judges
 * by these rules, at the start of a rollout. No device gets them.
 */
import * as z from 'zod'
import { SigstoreBundle } from '../models/signature.ts'
import { ModelPattern, SIGNING_KEYS_MAX, SigningKeyId, SigningKeyState } from '../models/trust.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'
import { CHECKS_MAX } from './check-file.ts'
import { CheckOutcome } from './check-result.ts'

/** The suite of a check file, or of a result of another program, that names none. */
export const USUAL_SUITE = 'checks'

/** A nightly run of two weeks. The trail of actions has the older ones. */
export const REPORTS_OF_SUITE_MAX = 16

/** A model that needs more has suites that nobody reads. */
export const SUITES_MAX = 16

/** As many as there are rules of trust. */
export const TEST_RULES_MAX = 64

/** Ten years. A rule without a limit leaves it out. */
const AGE_DAYS_MAX = 3_650

/** A result may be so far ahead of the clock of the hub. */
export const AHEAD_MAX_MS = 5 * 60_000

export const TestReport = z.strictObject({
  /** SHA-256 of the signed statement. */
  digest: Digest,
  suite: Name,
  passed: z.boolean(),
  key: z.strictObject({ keyId: SigningKeyId, name: Name.optional(), state: SigningKeyState.optional() }),
  /** The end of the run; for a result of another program, the time at which the hub got it. */
  finishedAtMs: InstantMs,
  checks: z.int().min(0),
  /** Names of failed checks. */
  failed: z.array(z.string().max(200)).max(CHECKS_MAX),
  /** The digest of the file with the checks; other programs may name none. */
  checkFile: Digest.optional(),
  tool: z.string().max(200).optional(),
  addedAtMs: InstantMs,
  addedBy: z.string(),
})
export type TestReport = z.infer<typeof TestReport>

export const TestReportDetail = z.strictObject({
  ...TestReport.shape,
  /** Empty for a result of another program, which has only names. */
  outcomes: z.array(CheckOutcome).max(CHECKS_MAX),
  bundle: SigstoreBundle,
})
export type TestReportDetail = z.infer<typeof TestReportDetail>

export const VersionTests = z.strictObject({
  reports: z.array(TestReport).max(REPORTS_OF_SUITE_MAX * SUITES_MAX),
  /** Why the hub would start no rollout of it; absent if all rules are met. */
  problem: z.strictObject({ code: z.string(), message: z.string() }).optional(),
})
export type VersionTests = z.infer<typeof VersionTests>

/** The newest result of the suite by one of the keys must have passed. */
export const TestRule = z.strictObject({
  models: ModelPattern,
  suite: Name.default(USUAL_SUITE),
  keys: z.array(SigningKeyId).min(1).max(SIGNING_KEYS_MAX),
  /** The maximum age of the result when a rollout starts. */
  withinDays: z.int().min(1).max(AGE_DAYS_MAX).optional(),
})
export type TestRule = z.infer<typeof TestRule>

export const TestRules = z.array(TestRule).max(TEST_RULES_MAX)

export const TestPolicy = z.strictObject({
  rules: TestRules,
  /** Rises with each change; 0 if nothing was ever changed. */
  revision: z.int().min(0),
  updatedAtMs: InstantMs.optional(),
  updatedBy: z.string().optional(),
})
export type TestPolicy = z.infer<typeof TestPolicy>
