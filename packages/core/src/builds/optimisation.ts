/** Optimisation: which recipes run for a version, on which of its golden cases, and how the run goes on. */
import { type FidelityGoal, type OptimisationPlan, Recipe, type RecipeResult } from '@skerry/contract/builds/build'
import type { Calibration } from '@skerry/contract/builds/calibration'
import { goalTexts } from './goal-text.ts'

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
const CALIBRATED: ReadonlySet<Recipe> = new Set(['static-int8-minmax', 'static-int8-percentile', 'static-int8-entropy'])

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

export type PlanFacts = {
  recipes: readonly Recipe[] | undefined
  goal: FidelityGoal
  goldenCases: number
  /** The data set of the ranges, if a person gave one. */
  calibration: Calibration | undefined
  /** Of the file of the model alone. */
  modelBytes: number
  limits: { secondsPerRecipe: number; memoryBytes: number }
}

export type PlanResult = { ok: true; plan: OptimisationPlan } | { ok: false; message: string }

/** Fails if nothing can be compared, or no recipe is left. */
export function planOptimisation({
  recipes,
  goal,
  goldenCases,
  calibration,
  modelBytes,
  limits,
}: PlanFacts): PlanResult {
  if (goldenCases === 0)
    return { ok: false, message: 'the version has no golden cases to compare builds on; push it with --golden' }
  const wanted = Recipe.options.filter((recipe) => recipes === undefined || recipes.includes(recipe))
  const unfit = wanted.filter(
    (recipe) => CALIBRATED.has(recipe) && !calibration && splitCases(goldenCases).calibration.length === 0,
  )
  const taken = wanted.filter((recipe) => !unfit.includes(recipe))
  const reason =
    'one golden case cannot give ranges and compare as well; push the version with more, or give --calibrate'
  if (taken.length === 0) return { ok: false, message: reason }
  const split = splitCases(goldenCases)
  return {
    ok: true,
    plan: {
      recipes: taken,
      left: unfit.map((recipe) => ({ recipe, reason })),
      calibrationCases: calibration?.rows ?? split.calibration.length,
      gateCases: calibration ? goldenCases : split.gate.length,
      ...(calibration && { calibration }),
      goals: goalTexts(goal),
      maxSeconds: taken.length * limits.secondsPerRecipe,
      maxMemoryBytes: limits.memoryBytes,
      // A build is smaller than its model; a recipe that finds little to change keeps nearly all of it.
      maxStorageBytes: taken.length * modelBytes,
    },
  }
}

/** The recipe whose turn it is; undefined if all have a result. */
export const nextRecipe = (results: readonly RecipeResult[]): Recipe | undefined =>
  results.find(({ outcome }) => outcome === 'waiting')?.recipe

/** The results with that of one recipe. */
export const withResult = (results: readonly RecipeResult[], result: RecipeResult): RecipeResult[] =>
  results.map((each) => (each.recipe === result.recipe ? result : each))
