/** Plan card: the cost of an optimisation at most, the recipes that are left out, and the button that starts it. */
import { problemOf } from '@skerry/client/problem'
import type { OptimisationPlan, Recipe } from '@skerry/contract/builds/build'
import { calibrationCases } from '@skerry/core/builds/optimisation'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Card, Facts } from '../../../components/card.tsx'
import { sizeText, timeLeftText } from '../../../components/charts/amounts.ts'
import { Loading } from '../../../components/page-state.tsx'
import { number } from '../../../texts/count.ts'
import { buildTexts } from '../english-builds.ts'
import { rangesTexts } from '../ranges/english-ranges.ts'

const words = buildTexts.optimise

type PlanProps = { isChosen: boolean; plan: OptimisationPlan | undefined; error: unknown; children: ReactNode }

/** `children` is the button. */
export const PlanCard = ({ isChosen, plan, error, children }: PlanProps) => (
  <Card title={words.plan}>
    <div className="flex flex-col gap-4">
      {isChosen ? <PlanState plan={plan} error={error} /> : <p className="text-sm text-soft">{words.noRecipes}</p>}
      {children}
    </div>
  </Card>
)

function PlanState({ plan, error }: Pick<PlanProps, 'plan' | 'error'>) {
  if (error) return <Refusal error={error} />
  return plan ? <PlanFacts plan={plan} /> : <Loading rows={5} />
}

function Refusal({ error }: { error: unknown }) {
  const { code, message } = problemOf(error)
  return (
    <div role="alert" className="flex items-start gap-2.5 text-sm">
      <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium">{words.refused}</p>
        <p className="mt-0.5 wrap-anywhere text-soft">{message}</p>
        <p className="mt-0.5 font-mono text-xs text-faint">{code}</p>
      </div>
    </div>
  )
}

/** Whether a recipe takes ranges from golden cases, if there are enough of them. */
const needsRanges = (recipe: Recipe): boolean => calibrationCases(recipe, ENOUGH_CASES).length > 0
const ENOUGH_CASES = 4

function rangesText({ calibration, calibrationCases: cases }: OptimisationPlan): string {
  if (!calibration) return words.cases(cases)
  return calibration.origin === 'devices'
    ? rangesTexts.rowsOf(calibration.rows)
    : rangesTexts.fileRows(calibration.rows)
}

function comparedText({ gateCases, labelledRows }: OptimisationPlan, hasRanges: boolean): string {
  const cases = hasRanges ? words.cases(gateCases) : words.comparedAll
  return labelledRows === undefined ? cases : `${cases}, ${rangesTexts.labelled(labelledRows)}`
}

function PlanFacts({ plan }: { plan: OptimisationPlan }) {
  const { recipes, left, maxSeconds, maxMemoryBytes, maxStorageBytes } = plan
  const hasRanges = recipes.some(needsRanges)
  return (
    <>
      <Facts
        rows={[
          [words.planRecipes, number.format(recipes.length)],
          [words.calibration, hasRanges ? rangesText(plan) : words.noCalibration],
          [words.compared, comparedText(plan, hasRanges)],
          [words.time, words.atMost(timeLeftText(maxSeconds))],
          [words.memory, words.atMost(sizeText(maxMemoryBytes))],
          [words.storage, words.atMost(sizeText(maxStorageBytes))],
        ]}
      />
      {hasRanges && <p className="text-xs text-soft">{words.comparedHint}</p>}
      {left.length > 0 && (
        <div className="text-sm">
          <p className="font-medium text-warn">{words.left}</p>
          <ul className="mt-1 flex flex-col gap-1.5">
            {left.map(({ recipe, reason }) => (
              <li key={recipe} className="wrap-anywhere">
                <code className="font-mono text-xs">{recipe}</code> <span className="text-soft">{reason}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}
