/** Optimisation: which recipes run for a version, on which of its golden cases, and how the run goes on. */
import { type FidelityGoal, type OptimisationPlan, Recipe, type RecipeResult } from '@skerry/contract/builds/build'
import type { Calibration } from '@skerry/contract/builds/calibration'
import type { ModelFile } from '@skerry/contract/models/model'
import { goalTexts } from './goal-text.ts'
import { ACCURACY_DROP_MAX, ERROR_RISE_MAX } from './task-fidelity.ts'

/** Ranges come from these cases, and the gate compares on the others, so that no range is fitted to the gate. */
export type CaseSplit = { calibration: number[]; gate: number[] }

/**
 * Every fourth case is for the gate, one at least. A version with one case has none for a calibration.
 *
 * @param count of golden cases
 */
export function splitCases(count: number): CaseSplit {
  const all = Array.from({ length: count }, (_, index) => index)
  const gate = count < 4 ? all.slice(-1) : all.filter((index) => index % 4 === 3)
  return { calibration: all.filter((index) => !gate.includes(index)), gate }
}

/** Recipes whose ranges come from runs on inputs. */
const CALIBRATED: ReadonlySet<Recipe> = new Set([
  'static-int8-minmax',
  'static-int8-percentile',
  'static-int8-entropy',
  'static-7bit',
])

/** Whether the ranges of a recipe come from runs on inputs. */
export const isCalibrated = (recipe: Recipe): boolean => CALIBRATED.has(recipe)

/**
 * The cases on which a recipe is compared: all, unless some of them give its ranges.
 *
 * @param hasDataSet whether ranges come from other inputs than the golden ones
 */
export const gateCases = (recipe: Recipe, count: number, hasDataSet = false): number[] =>
  CALIBRATED.has(recipe) && !hasDataSet ? splitCases(count).gate : Array.from({ length: count }, (_, index) => index)

/** The cases from which the ranges of a recipe come; none for a recipe without a calibration. */
export const calibrationCases = (recipe: Recipe, count: number): number[] =>
  CALIBRATED.has(recipe) ? splitCases(count).calibration : []

/** Recipes for processors whose products of eight bits saturate. Others get the same speed with eight bits. */
const SEVEN_BITS: ReadonlySet<Recipe> = new Set(['dynamic-7bit', 'static-7bit'])

/** The recipes of an optimisation that names none. */
export const usualRecipes = (isSaturating: boolean): Recipe[] =>
  Recipe.options.filter((recipe) => isSaturating || !SEVEN_BITS.has(recipe))

/** Whether products of eight bits saturate on devices of the class: on x64 without VNNI, and AMX comes with VNNI. */
export const isSaturatingClass = (hardwareClass: string): boolean => {
  const [architecture, level = ''] = hardwareClass.split('-')
  return architecture === 'x64' && !['amx', 'vnni'].includes(level)
}

export type PlanFacts = {
  recipes: readonly Recipe[] | undefined
  /** Whether devices of the fleet saturate. */
  isSaturating: boolean
  goal: FidelityGoal
  goldenCases: number
  /** The data set of the ranges, if a person gave one. */
  calibration: Calibration | undefined
  /** The rows of the data set with labels that the gate compares. */
  labelledRows?: number | undefined
  /** The model and its weights, without golden cases. */
  files: readonly Pick<ModelFile, 'path' | 'sizeBytes'>[]
  limits: { secondsPerRecipe: number; memoryBytes: number }
}

export type PlanResult = { ok: true; plan: OptimisationPlan } | { ok: false; message: string }

/** Fails if nothing can be compared, or no recipe is left. */
export function planOptimisation({
  recipes,
  isSaturating,
  goal,
  goldenCases,
  calibration,
  labelledRows = 0,
  files,
  limits,
}: PlanFacts): PlanResult {
  if (goldenCases === 0)
    return { ok: false, message: 'the version has no golden cases to compare builds on; push it with --golden' }
  if (labelledRows === 0 && needsLabels(goal)) return { ok: false, message: UNLABELLED }
  const usual = usualRecipes(isSaturating)
  const wanted = Recipe.options.filter((recipe) => (recipes ?? usual).includes(recipe))
  const unfit = wanted.filter(
    (recipe) => CALIBRATED.has(recipe) && !calibration && splitCases(goldenCases).calibration.length === 0,
  )
  const taken = wanted.filter((recipe) => !unfit.includes(recipe))
  const reason =
    'one golden case cannot give ranges and compare as well; push the version with more, or give --calibrate'
  if (taken.length === 0) return { ok: false, message: reason }
  const modelBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (modelBytes > MODEL_BYTES_MAX) return { ok: false, message: tooLargeText(files) }
  const split = splitCases(goldenCases)
  return {
    ok: true,
    plan: {
      recipes: taken,
      left: [...unfit.map((recipe) => ({ recipe, reason })), ...(recipes ? [] : unusual(usual))],
      calibrationCases: calibration?.rows ?? split.calibration.length,
      gateCases: calibration ? goldenCases : split.gate.length,
      ...(calibration && { calibration }),
      ...(labelledRows > 0 && { labelledRows }),
      goals: goalTexts(labelledRows > 0 ? { ...TASK_DEFAULTS, ...goal } : goal),
      maxSeconds: taken.length * limits.secondsPerRecipe,
      maxMemoryBytes: limits.memoryBytes,
      // A build is smaller than its model; a recipe that finds little to change keeps nearly all of it.
      maxStorageBytes: taken.length * modelBytes,
    },
  }
}

const TASK_DEFAULTS = { accuracyDropMax: ACCURACY_DROP_MAX, errorRiseMax: ERROR_RISE_MAX }

const needsLabels = ({ accuracyDropMax, errorRiseMax }: FidelityGoal) =>
  accuracyDropMax !== undefined || errorRiseMax !== undefined

const UNLABELLED =
  'a goal for accuracy or error needs labels; give --calibrate a file with labels, or goals for agreement and difference'

/** [Protocol Buffers] A build is one file, and no message is longer than 2 GiB. */
const MODEL_BYTES_MAX = 2 ** 31 - 1

function tooLargeText(files: PlanFacts['files']): string {
  const [largest] = files.toSorted((a, b) => b.sizeBytes - a.sizeBytes)
  return `the model has over 2 GB with ${largest?.path}, and a build is one file; only smaller models can be optimised`
}

const unusual = (usual: readonly Recipe[]): OptimisationPlan['left'] =>
  Recipe.options.filter((recipe) => !usual.includes(recipe)).map((recipe) => ({ recipe, reason: UNUSUAL }))

const UNUSUAL = 'no device of the fleet is an x64 without VNNI, which it is for; name it to make it anyway'

/** The recipe whose turn it is; undefined if all have a result. */
export const nextRecipe = (results: readonly RecipeResult[]): Recipe | undefined =>
  results.find(({ outcome }) => outcome === 'waiting')?.recipe

/** The results with that of one recipe. */
export const withResult = (results: readonly RecipeResult[], result: RecipeResult): RecipeResult[] =>
  results.map((each) => (each.recipe === result.recipe ? result : each))
