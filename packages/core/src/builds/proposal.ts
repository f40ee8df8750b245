/**
 * Proposal: the optimisation that the hub proposes when a version answers more slowly on devices than the goal of its
 * last optimisation. It is the same goal with the recipes that have made no build yet, or with all of them.
 */
import type { FidelityGoal, Recipe } from '@skerry/contract/builds/build'
import { goalTexts } from './goal-text.ts'
import { isSaturatingClass, usualRecipes } from './optimisation.ts'

export type Proposal = {
  model: string
  version: number
  goal: FidelityGoal
  /** Empty: all. */
  recipes: readonly Recipe[]
}

/**
 * @param built the recipes that the version has a build of
 * @param hardwareClass of the slow device; recipes in seven bits help only some
 */
export const proposedRecipes = (built: ReadonlySet<string>, hardwareClass: string | undefined): Recipe[] =>
  built.size === 0
    ? []
    : usualRecipes(hardwareClass !== undefined && isSaturatingClass(hardwareClass)).filter(
        (recipe) => !built.has(recipe),
      )

/** The command that starts it. */
export function proposalCommand({ model, version, goal, recipes }: Proposal): string {
  const words = [...recipes.map((recipe) => `--recipe ${recipe}`), ...goalTexts(goal).map((text) => `--goal '${text}'`)]
  return ['skerry model optimise', `${model}:${version}`, ...words].join(' ')
}

/** The path of the console that opens the wizard with it. `measuredMs` is the reason. */
export function proposalPath({ model, version, goal, recipes }: Proposal, measuredMs: number): string {
  const { agreementMin, differenceMax, sizeMaxBytes, p95MaxMs } = goal
  const search = [
    `agreement=${agreementMin}`,
    `difference=${differenceMax}`,
    ...(sizeMaxBytes === undefined ? [] : [`size=${sizeMaxBytes}`]),
    ...(p95MaxMs === undefined ? [] : [`p95=${p95MaxMs}`]),
    ...(recipes.length === 0 ? [] : [`recipes=${recipes.join(',')}`]),
    `measured=${measuredMs}`,
  ]
  return `/models/${encodeURIComponent(model)}/versions/${version}/optimise?${search.join('&')}`
}
