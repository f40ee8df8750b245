/**
 * Measurements of a version and its builds on devices, and the form of the version that each class of hardware gets
 * because of them.
 */
import * as z from 'zod'
import { ModelFile } from '../models/model.ts'
import { Digest } from '../values/digest.ts'
import { BatchId, BuildId, DeviceId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { BuildPreference, Recipe } from './build.ts'

/** The devices that run a model alike, as one word such as `x64-vnni-4c`. */
export const HardwareClass = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must look like x64-vnni-4c')
export type HardwareClass = z.infer<typeof HardwareClass>

/** A version has seven recipes; more candidates would each get too little of the time. */
export const CANDIDATES_MAX = 8

/** A form of a version that is measured: the version itself if `build` is absent. */
export const Candidate = z.strictObject({
  build: BuildId.optional(),
  digest: Digest,
  files: z.array(ModelFile).min(1).max(1_024),
})
export type Candidate = z.infer<typeof Candidate>

/** A ratio with the bounds of its 95 % confidence interval. */
export const Ratio = z.strictObject({ low: z.number().min(0), middle: z.number().min(0), high: z.number().min(0) })
export type Ratio = z.infer<typeof Ratio>

/** How quick one candidate was on one device. */
export const Timing = z.strictObject({
  /** The inferences that were timed, warm-up left out. */
  n: z.int().min(1),
  p50Ms: z.number().min(0),
  p95Ms: z.number().min(0),
  /** How many times as fast as the version itself, from pairs of turns of the same run; absent for the version. */
  speed: Ratio.optional(),
  /** The largest memory of the process that ran only this candidate. */
  peakBytes: z.int().min(0),
})
export type Timing = z.infer<typeof Timing>

/** How a session runs a model. Without a measurement it is one thread that does not spin. */
export const SessionSettings = z.strictObject({
  threads: z.int().min(1).max(256),
  spin: z.boolean(),
  /** The rows that run as one if they wait together. Absent: each request runs alone. */
  batch: z.int().min(2).max(64).optional(),
})
export type SessionSettings = z.infer<typeof SessionSettings>

/** A device tries six at most; a later agent may try some more. */
export const SESSIONS_MAX = 8

const Problem = z.strictObject({ code: z.string().max(63), message: z.string().max(1_000) })

/**
 * How quick a candidate was with these settings, for each row of a batch. Its speed is against the version with one
 * thread.
 */
export const SessionResult = z.strictObject({
  ...SessionSettings.shape,
  timing: Timing.optional(),
  problem: Problem.optional(),
})
export type SessionResult = z.infer<typeof SessionResult>

/**
 * The result of one candidate. Its problem is `failed` if it could not be loaded or crashed, `wrong` if it does not
 * give on this hardware the answers that the hub got from it.
 */
export const CandidateResult = z.strictObject({
  build: BuildId.optional(),
  digest: Digest,
  timing: Timing.optional(),
  /** Why there is no timing. */
  problem: Problem.optional(),
  /** Other settings of its session, if the command asks for them. Only the fastest build has some. */
  sessions: z.array(SessionResult).max(SESSIONS_MAX).optional(),
})
export type CandidateResult = z.infer<typeof CandidateResult>

/** The answer of a device to the batch command `bench-model`: the output of its job, as JSON. */
export const BenchReport = z.strictObject({
  hardwareClass: HardwareClass,
  agent: z.string().max(63),
  runtime: z.string().max(63),
  threads: z.int().min(1),
  /**
   * separated: all intervals are apart. time: the time was over. busy: a serving model needed the processor, so the
   * figures are of the time before.
   */
  ended: z.enum(['separated', 'time', 'busy']),
  candidates: z.array(CandidateResult).min(1).max(CANDIDATES_MAX),
})
export type BenchReport = z.infer<typeof BenchReport>

/** The newest measurement of one candidate on one device. */
export const Measurement = z.strictObject({
  name: Name,
  version: z.int().min(1),
  /** Absent for the version itself. */
  build: BuildId.optional(),
  recipe: Recipe.optional(),
  hardwareClass: HardwareClass,
  deviceId: DeviceId,
  device: Name,
  batchId: BatchId,
  agent: z.string(),
  runtime: z.string(),
  threads: z.int().min(1),
  timing: Timing.optional(),
  problem: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  sessions: z.array(SessionResult).max(SESSIONS_MAX).optional(),
  measuredAtMs: InstantMs,
})
export type Measurement = z.infer<typeof Measurement>

/** The newest ones that are listed: a thousand are 400 KB, and more devices of a class change no choice. */
export const MEASUREMENTS_MAX = 1_000

/** Devices of one class of hardware; the class is absent for agents that do not report their hardware. */
export const DeviceClass = z.strictObject({
  hardwareClass: HardwareClass.optional(),
  devices: z.int().min(1),
  /** The first few, by name. */
  examples: z.array(Name).max(3),
})
export type DeviceClass = z.infer<typeof DeviceClass>

/**
 * best: it is chosen. behind: another build is better by the preference. late: its p95 there is above the goal of the
 * version's last optimisation. slower: too slow beside the version, as far as the measurement can tell. larger: it takes
 * no less than the version. wrong, failed: see the measurement. unmeasured: no device of the class measured it.
 * Only other preferences than `best` give `late` and `larger`.
 */
export const ChoiceReason = z.enum(['best', 'behind', 'late', 'slower', 'larger', 'wrong', 'failed', 'unmeasured'])
export type ChoiceReason = z.infer<typeof ChoiceReason>

/** The form of a version that devices of one class get, and why not the others. */
export const ClassChoice = z.strictObject({
  hardwareClass: HardwareClass,
  /** A device of the class. Absent if the fleet has none now. */
  example: Name.optional(),
  /** Absent: the version itself. */
  build: BuildId.optional(),
  recipe: Recipe.optional(),
  /** The settings with which the build is faster there than with one thread, for certain. */
  session: z.strictObject({ ...SessionSettings.shape, speed: Ratio }).optional(),
  candidates: z.array(
    z.strictObject({
      build: BuildId,
      recipe: Recipe,
      reason: ChoiceReason,
      /** On the device of the class on which it was measured last. */
      speed: Ratio.optional(),
      device: Name.optional(),
    }),
  ),
})
export type ClassChoice = z.infer<typeof ClassChoice>

/** The choices for a version, one for each class that devices of the fleet or measurements have. */
export const BuildChoices = z.strictObject({
  /** The preference that they follow. Absent for `best`, and from older hubs. */
  prefer: BuildPreference.optional(),
  /** The p95 of the version's last optimisation, if the preference compares it. */
  p95MaxMs: z.number().positive().optional(),
  rows: z.array(ClassChoice),
  /**
   * Deployments of the version that ask for the best build, by whichever preference, and would give devices another
   * one if applied again.
   */
  outdated: z.array(Name).max(500).optional(),
})
export type BuildChoices = z.infer<typeof BuildChoices>

/** The build of one class of hardware in a revision. Devices of other classes get the version itself. */
export const ClassBuild = z.strictObject({
  hardwareClass: HardwareClass,
  build: BuildId,
  /** Absent: the settings of the deployment. */
  session: SessionSettings.optional(),
})
export type ClassBuild = z.infer<typeof ClassBuild>
