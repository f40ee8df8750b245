/** Optimise form: recipes, goal and plan of an optimisation of one version. */
import { problemOf } from '@skerry/client/problem'
import { type OptimisationRequest, Recipe } from '@skerry/contract/builds/build'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { usualRecipes } from '@skerry/core/builds/optimisation'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { buildQueries } from '../build-queries.ts'
import { buildTexts } from '../english-builds.ts'
import { NoGolden } from '../no-golden.tsx'
import { rangesTexts } from '../ranges/english-ranges.ts'
import { RangesCard } from '../ranges/ranges-card.tsx'
import { rangesRequest, sourceOf } from '../ranges/ranges-source.ts'
import { GoalCard } from './goal-card.tsx'
import { goalDraftOf, readGoal } from './goal-draft.ts'
import { type OptimiseSearch, readOptimiseSearch } from './optimise-search.ts'
import { PlanCard } from './plan-card.tsx'
import { RecipeChoice } from './recipe-choice.tsx'

const words = buildTexts.optimise

type FormProps = { version: ModelVersionDetail }

export function OptimiseForm({ version }: FormProps) {
  return version.goldenCases > 0 ? <Form version={version} /> : <NoGolden model={version.name} />
}

function Form({ version: detail }: FormProps) {
  const { name: model, version } = detail
  const search = readOptimiseSearch(useSearch({ strict: false }))
  const [chosen, setChosen] = useState<ReadonlySet<Recipe>>(() => new Set(recipesIn(search)))
  const [draft, setDraft] = useState(() => goalDraftOf(search))
  const read = readGoal(draft)
  const recipes = Recipe.options.filter((recipe) => chosen.has(recipe))
  const isChosen = recipes.length > 0
  const [source, setSource] = useState(() => sourceOf(search.ranges))
  const ranges = rangesRequest(source)
  // The plan is the same for every goal, so typing a goal does not fetch it again.
  const plan = useQuery({
    ...buildQueries.plan(model, String(version), { recipes, ranges: ranges ?? {} }),
    enabled: isChosen && ranges !== undefined,
    placeholderData: (before) => before,
  })
  const { submit, isBusy, error } = useStart(model, String(version))
  const facts = { isChosen, isGoalRight: read.goal !== undefined, hasRanges: ranges !== undefined }
  const blocked = blockedBy({ ...facts, isPlanned: plan.isSuccess })
  return (
    <>
      <SlowReason search={search} />
      <RunningNotice model={model} version={version} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.75fr)_minmax(19rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <RecipeChoice chosen={chosen} onChange={setChosen} />
          <RangesCard version={detail} source={source} onChange={setSource} />
          <GoalCard draft={draft} read={read} onChange={setDraft} />
        </div>
        <PlanCard isChosen={isChosen} plan={plan.data} error={plan.error}>
          {error !== undefined && (
            <p role="alert" className="text-sm wrap-anywhere text-bad">
              {error}
            </p>
          )}
          <GuardedButton
            permission="build.write"
            look="primary"
            blocked={isBusy ? words.start : blocked}
            onClick={() => read.goal && void submit({ recipes, goal: read.goal, ...ranges })}
          >
            {words.start}
          </GuardedButton>
        </PlanCard>
      </div>
    </>
  )
}

/** Those of the address. All usual ones if it has none. */
function recipesIn({ recipes }: OptimiseSearch): readonly Recipe[] {
  const named = new Set(recipes?.split(','))
  const found = Recipe.options.filter((recipe) => named.has(recipe))
  return found.length > 0 ? found : usualRecipes(false)
}

/** Why the hub proposes this optimisation. */
function SlowReason({ search: { measured, p95 } }: { search: OptimiseSearch }) {
  if (measured === undefined || p95 === undefined) return null
  return <p className="card border-l-4 border-l-warn px-4 py-3 text-sm">{words.slow(String(measured), String(p95))}</p>
}

type Readiness = { isChosen: boolean; hasRanges: boolean; isGoalRight: boolean; isPlanned: boolean }

/** The reason why the optimisation cannot start; undefined if it can. */
function blockedBy({ isChosen, hasRanges, isGoalRight, isPlanned }: Readiness): string | undefined {
  if (!isChosen) return words.noRecipes
  if (!hasRanges) return rangesTexts.fileFirst
  if (!isGoalRight) return words.goalFirst
  return isPlanned ? undefined : words.planFirst
}

/** Starts it once, and goes to its page. */
function useStart(model: string, version: string) {
  const navigate = useNavigate()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = async (request: OptimisationRequest) => {
    if (isBusy) return
    setBusy(true)
    setError(undefined)
    try {
      const { id } = await hub.optimisation.start({ name: model, version, ...request })
      await navigate({
        to: '/models/$model/versions/$version/optimisations/$optimisation',
        params: { model, version, optimisation: id },
      })
    } catch (failure) {
      setError(problemOf(failure).message)
      setBusy(false)
    }
  }
  return { submit, isBusy, error }
}

/** Shown while an optimisation of the same version has not ended, so that nobody starts a second one by mistake. */
function RunningNotice({ model, version }: { model: string; version: number }) {
  const runs = useQuery(buildQueries.runs(model))
  const running = runs.data?.find((run) => run.version === version && run.endedAtMs === undefined)
  if (!running) return null
  return (
    <p role="status" className="card flex flex-wrap gap-x-2 px-4 py-3 text-sm">
      {words.runningNow}
      <Link
        to="/models/$model/versions/$version/optimisations/$optimisation"
        params={{ model, version: String(version), optimisation: running.id }}
        className="rounded font-medium text-accent underline underline-offset-4"
      >
        {words.toRun}
      </Link>
    </p>
  )
}
