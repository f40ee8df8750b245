/** Builds: smaller or faster forms of a version of a model, each made by a recipe and measured against the version. */
import * as z from 'zod'
import { ModelFile } from '../models/model.ts'
import { Digest } from '../values/digest.ts'
import { BatchId, BuildId, OptimisationId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { Calibration, LabelSet } from './calibration.ts'

/**
 * float16: weights in half precision; half the bytes, the same memory and speed.
 * dynamic-int8: weights of matrix products in eight bits, their left sides quantised while the model runs.
 * matmul-4bit, matmul-4bit-int8: the same in four bits; the second also quantises the left sides.
 * static-int8-minmax, static-int8-percentile, static-int8-entropy: convolutions and matrix products in eight bits, with
 * ranges from calibration inputs.
 * dynamic-7bit, static-7bit: as dynamic-int8 and static-int8-percentile, with seven bits in each weight. Some
 * processors saturate products of eight bits.
 */
export const Recipe = z.enum([
  'float16',
  'dynamic-int8',
  'matmul-4bit',
  'matmul-4bit-int8',
  'static-int8-minmax',
  'static-int8-percentile',
  'static-int8-entropy',
  'dynamic-7bit',
  'static-7bit',
])
export type Recipe = z.infer<typeof Recipe>

/** The word for the best build of each class of hardware: the fastest one there. */
export const BEST_BUILD = 'best'

/**
 * The goal that has priority when several builds of a version are admissible on a class of hardware.
 * best: the fastest. smallest: the one with the fewest bytes. least-memory: the one whose process takes the least.
 * most-accurate: of those that are faster than the version, the one whose answers are nearest to it.
 */
export const BuildPreference = z.enum([BEST_BUILD, 'smallest', 'least-memory', 'most-accurate'])
export type BuildPreference = z.infer<typeof BuildPreference>

/** A build by its id, the newest one of a recipe, or on each device the preferred one for its class of hardware. */
export const BuildReference = z.union([BuildId, Recipe, BuildPreference])
export type BuildReference = z.infer<typeof BuildReference>

/** How right a version and its build are on the labels of one output. */
export const TaskFidelity = z.strictObject({
  /** accuracy: the share of right answers. rmse: the root of the mean squared error. */
  measure: z.enum(['accuracy', 'rmse']),
  /** The number of labels that were compared. */
  labels: z.int().min(1),
  version: z.number().min(0),
  build: z.number().min(0),
  /** The mean absolute errors, with rmse. */
  mae: z.strictObject({ version: z.number().min(0), build: z.number().min(0) }).optional(),
})
export type TaskFidelity = z.infer<typeof TaskFidelity>

/** How near the answers of a build are to those of its version, for one output over all inputs of the gate. */
export const OutputFidelity = z.strictObject({
  output: z.string(),
  /** The share of rows along the last axis whose largest value is in the same place; absent for rows of one value. */
  agreement: z.number().min(0).max(1).optional(),
  /** The largest difference of two values, in standard deviations of the version's output. */
  difference: z.number().min(0),
  /** With labels for the output. It decides at the gate in place of the other two. */
  task: TaskFidelity.optional(),
})
export type OutputFidelity = z.infer<typeof OutputFidelity>

/**
 * The goals of a build. The gate admits it if each output reaches the agreement or the difference, or with labels the
 * accuracy or the error, and its file is no larger than the size.
 */
export const FidelityGoal = z.strictObject({
  agreementMin: z.number().min(0).max(1).default(0.99),
  differenceMax: z.number().min(0).max(1_000).default(0.05),
  /** The most that the accuracy may be below that of the version, as a share. It needs labels. */
  accuracyDropMax: z.number().min(0).max(1).optional(),
  /** The most that the error may be above that of the version, as a share of it. It needs labels. */
  errorRiseMax: z.number().min(0).max(1_000).optional(),
  /** Of the file of the model, without golden cases. */
  sizeMaxBytes: z.int().min(1).optional(),
  /**
   * On devices. The gate does not look at it. A choice that prefers another goal than speed compares it with
   * measurements, and the hub with the figures of devices that serve.
   */
  p95MaxMs: z.number().positive().max(3_600_000).optional(),
})
export type FidelityGoal = z.infer<typeof FidelityGoal>

/** A node that the recipe could not rewrite. */
export const SkippedNode = z.strictObject({ node: z.string(), operator: z.string(), reason: z.string() })
export type SkippedNode = z.infer<typeof SkippedNode>

/** The skipped nodes that are kept of a build: more than a person reads. The count is exact. */
export const SKIPPED_SHOWN = 20

export const Build = z.strictObject({
  id: BuildId,
  name: Name,
  version: z.int().min(1),
  recipe: Recipe,
  /** Names the files of the build as a set. */
  digest: Digest,
  files: z.array(ModelFile),
  sizeBytes: z.int().min(0),
  /** The size of the version, golden file included, as devices fetch it. */
  floatBytes: z.int().min(0),
  /** The same without golden cases, by which sizes are compared: every form has the same cases. */
  floatModelBytes: z.int().min(0).optional(),
  fidelity: z.array(OutputFidelity),
  /** The number of nodes and weights that the recipe rewrote, and those that it left in float. */
  changed: z.int().min(0),
  skippedCount: z.int().min(0),
  skipped: z.array(SkippedNode).max(SKIPPED_SHOWN),
  /** The version that it was made from, by its digest. */
  parent: Digest.optional(),
  /** Absent for a recipe without ranges. */
  calibration: Calibration.optional(),
  /** The data set on whose labels it was compared. Its rows are those with a label. */
  labels: LabelSet.optional(),
  /** The nodes that the gate returned to float. */
  returned: z.int().min(0).optional(),
  /** The versions of the programs that made it, by name. */
  tools: z.record(z.string(), z.string()).optional(),
  createdAtMs: InstantMs,
  createdBy: z.string(),
})
export type Build = z.infer<typeof Build>

/**
 * waiting: not begun.
 * admitted: its build reached the goal and exists.
 * refused: its answers missed the goal, or the recipe changes nothing in this model; no build exists.
 * failed: it took too much time or memory, or crashed.
 */
export const RecipeOutcome = z.enum(['waiting', 'admitted', 'refused', 'failed'])
export type RecipeOutcome = z.infer<typeof RecipeOutcome>

/** The place of a node in the order in which the nodes of a model run, from 1. */
export const NodePlace = z.strictObject({ at: z.int().min(1), of: z.int().min(1) })
export type NodePlace = z.infer<typeof NodePlace>

/** A node that a recipe rewrote, and its error when only this node is rewritten, in deviations of its own result. */
export const NodeError = z.strictObject({
  node: z.string(),
  operator: z.string(),
  error: z.number().min(0),
  /** In the model that the recipe begins with. Absent in results of earlier hubs. */
  place: NodePlace.optional(),
})
export type NodeError = z.infer<typeof NodeError>

/** The worst nodes that are kept of a recipe: more than a person reads. */
export const WORST_NODES_SHOWN = 20

export const RecipeResult = z.strictObject({
  recipe: Recipe,
  outcome: RecipeOutcome,
  /** Why it was refused or failed. */
  message: z.string().max(1_000).optional(),
  buildId: BuildId.optional(),
  sizeBytes: z.int().min(0).optional(),
  fidelity: z.array(OutputFidelity).optional(),
  /** The nodes that the recipe rewrites worst, worst first; absent if the build reached its goal at once. */
  worstNodes: z.array(NodeError).max(WORST_NODES_SHOWN).optional(),
  /** The worst nodes that the recipe left in float in its last try. */
  returned: z.int().min(0).optional(),
  /** How long it took to make and to gate the build, and the memory of the process that made it. */
  tookMs: z.int().min(0).optional(),
  peakBytes: z.int().min(0).optional(),
})
export type RecipeResult = z.infer<typeof RecipeResult>

export const OptimisationStatus = z.enum(['queued', 'running', 'done', 'cancelled'])
export type OptimisationStatus = z.infer<typeof OptimisationStatus>

/** One run over recipes for a version. */
export const Optimisation = z.strictObject({
  id: OptimisationId,
  name: Name,
  version: z.int().min(1),
  status: OptimisationStatus,
  goal: FidelityGoal,
  /** The data set of the ranges; absent if they come from golden cases. */
  calibration: Calibration.optional(),
  results: z.array(RecipeResult),
  createdAtMs: InstantMs,
  createdBy: z.string(),
  endedAtMs: InstantMs.optional(),
})
export type Optimisation = z.infer<typeof Optimisation>

export const OptimisationRequest = z.strictObject({
  /** All recipes if absent. */
  recipes: z.array(Recipe).min(1).max(Recipe.options.length).optional(),
  goal: FidelityGoal.prefault({}),
  /**
   * A blob of calibration inputs as JSON, in the form of golden cases. All golden cases are then for the gate, and the
   * rows that have labels.
   */
  calibration: Digest.optional(),
  /** A batch of `calibrate-model`, whose devices computed the ranges from their own rows; in place of a blob. */
  calibrationBatch: BatchId.optional(),
})
export type OptimisationRequest = z.infer<typeof OptimisationRequest>

/** The recipes of an optimisation and its cost at most, before it starts. */
export const OptimisationPlan = z.strictObject({
  recipes: z.array(Recipe),
  /** Recipes that are left out, and why. */
  left: z.array(z.strictObject({ recipe: Recipe, reason: z.string() })),
  /** Golden cases from which ranges come, and those that the gate compares. */
  calibrationCases: z.int().min(0),
  gateCases: z.int().min(0),
  /** The data set from which ranges come instead of golden cases. */
  calibration: Calibration.optional(),
  /** Rows with labels that the gate compares, besides the golden cases. */
  labelledRows: z.int().min(1).optional(),
  /** The goals as texts, defaults included. */
  goals: z.array(z.string()).optional(),
  /** At most, by the limits of a build. */
  maxSeconds: z.int().min(0),
  maxMemoryBytes: z.int().min(0),
  maxStorageBytes: z.int().min(0),
})
export type OptimisationPlan = z.infer<typeof OptimisationPlan>
