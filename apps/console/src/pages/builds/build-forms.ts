/** Build forms: the version, its builds, and the recipes without a build, as one list for the chart and the tables. */
import type { Build, Optimisation, Recipe, RecipeResult } from '@skerry/contract/builds/build'
import type { ModelFile } from '@skerry/contract/models/model'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { buildTexts } from './english-builds.ts'
import { worstOf } from './fidelity-text.ts'

/** Refused also stands for a recipe that failed. */
export type FormMark = 'version' | 'build' | 'refused'

export type Form = {
  /** The id of the build, `version`, or the recipe. */
  key: string
  name: string
  mark: FormMark
  /** Of the model alone, without its golden cases. */
  modelBytes: number
  agreement: number | undefined
  difference: number | undefined
}

/** A recipe without a build: its newest result, and the optimisation of that result. */
export type RefusedRecipe = { result: RecipeResult; run: Optimisation }

/** The newest result of each recipe that has no build. `runs` are the newest first. */
export function refusedRecipes(
  runs: readonly Optimisation[],
  { version, builds }: { version: number; builds: readonly Build[] },
): RefusedRecipe[] {
  const seen = new Set<Recipe>(builds.map(({ recipe }) => recipe))
  const refused: RefusedRecipe[] = []
  for (const run of runs) {
    if (run.version !== version) continue
    for (const result of run.results) {
      if (result.outcome === 'waiting' || seen.has(result.recipe)) continue
      seen.add(result.recipe)
      if (result.outcome !== 'admitted') refused.push({ result, run })
    }
  }
  return refused
}

/** All forms that have a size and a fidelity. */
export function formsOf(
  files: readonly ModelFile[],
  builds: readonly Build[],
  refused: readonly RefusedRecipe[] = [],
): Form[] {
  return [
    versionForm(modelBytesOf(files)),
    ...builds.map(
      (build): Form => ({
        key: build.id,
        name: nameOfBuild(build, builds),
        mark: 'build',
        modelBytes: modelBytesOf(build.files),
        ...worstOf(build.fidelity),
      }),
    ),
    ...refused.flatMap(({ result: { recipe, sizeBytes, fidelity } }): Form[] =>
      sizeBytes === undefined || fidelity === undefined
        ? []
        : [{ key: recipe, name: recipe, mark: 'refused', modelBytes: sizeBytes, ...worstOf(fidelity) }],
    ),
  ]
}

/** The key of the version itself among the forms. */
export const VERSION_KEY = 'version'

const versionForm = (modelBytes: number): Form => ({
  key: VERSION_KEY,
  name: buildTexts.list.version,
  mark: 'version',
  modelBytes,
  agreement: 1,
  difference: 0,
})

/** The recipe; with the end of the id if two builds have the same recipe. */
export function nameOfBuild({ id, recipe }: Pick<Build, 'id' | 'recipe'>, builds: readonly Build[]): string {
  const isAlone = builds.filter((each) => each.recipe === recipe).length < 2
  return isAlone ? recipe : `${recipe} ${id.slice(-4)}`
}
