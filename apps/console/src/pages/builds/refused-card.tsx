/** Refused card: the recipes without a build, each with its figures and the reason. */
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import type { RefusedRecipe } from './build-forms.ts'
import { buildTexts } from './english-builds.ts'
import { agreementText, differenceText, shareText, worstOf } from './fidelity-text.ts'
import { Figure, RecipeCell } from './run/results-card.tsx'
import { ResultBadge } from './run/run-badges.tsx'
import { WorstNodes } from './worst/worst-nodes.tsx'

const words = buildTexts.refused
const { columns } = buildTexts.run

/** A row has room for these; the page of the optimisation has more. */
const WORST_SHOWN = 3

type RefusedProps = { refused: readonly RefusedRecipe[]; wholeBytes: number; hasBuilds: boolean }

export const RefusedCard = ({ refused, wholeBytes, hasBuilds }: RefusedProps) => (
  <Card title={words.title} isFlush>
    <p className="border-b border-line px-4 py-2.5 text-sm text-soft">
      {hasBuilds ? words.hint : buildTexts.allRefused}
    </p>
    <PlainTable
      label={words.title}
      headers={[
        columns.recipe,
        columns.result,
        columns.size,
        columns.share,
        columns.agreement,
        columns.difference,
        words.run,
      ]}
      rows={refused.map((each) => ({ key: each.result.recipe, cells: cellsOf(each, wholeBytes) }))}
    />
  </Card>
)

function cellsOf({ result, run }: RefusedRecipe, wholeBytes: number) {
  const { recipe, message, sizeBytes, fidelity, worstNodes = [], returned = 0 } = result
  const { agreement, difference } = worstOf(fidelity)
  const { goal } = run
  return [
    <div key="recipe">
      <RecipeCell recipe={recipe} message={message} />
      {worstNodes.length > 0 && (
        <div className="max-w-xl pb-3">
          <WorstNodes recipe={recipe} nodes={worstNodes} returned={returned} shown={WORST_SHOWN} />
        </div>
      )}
    </div>,
    <ResultBadge key="result" result={result} run={run} />,
    <Figure key="size" text={sizeBytes === undefined ? '–' : sizeText(sizeBytes)} />,
    <Figure key="share" text={shareText(sizeBytes, wholeBytes)} />,
    <Figure key="agreement" text={agreementText(agreement)} />,
    <Figure key="difference" text={differenceText(difference)} />,
    <span key="run" className="block whitespace-nowrap">
      <Link
        to="/models/$model/versions/$version/optimisations/$optimisation"
        params={{ model: run.name, version: String(run.version), optimisation: run.id }}
        className="rounded text-accent underline-offset-4 hover:underline"
      >
        <Instant ms={run.createdAtMs} />
      </Link>
      <span className="block text-xs text-soft">{words.goal(goal.agreementMin, goal.differenceMax)}</span>
    </span>,
  ]
}
