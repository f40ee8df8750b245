/** Results card: each recipe of an optimisation with its result, its figures, and the reason if it made no build. */
import type { Optimisation, OutputFidelity, RecipeResult } from '@skerry/contract/builds/build'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { taskText } from '@skerry/core/builds/task-fidelity'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../components/card.tsx'
import { durationText, sizeText, timeLeftText } from '../../../components/charts/amounts.ts'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { queries } from '../../../hub/queries.ts'
import { buildTexts } from '../english-builds.ts'
import { agreementText, differenceText, shareText, worstOf } from '../fidelity-text.ts'
import { ResultBadge } from './run-badges.tsx'

const words = buildTexts.run
const { columns } = words

export function ResultsCard({ run }: { run: Optimisation }) {
  const version = useQuery(queries.version(run.name, String(run.version)))
  const wholeBytes = version.data ? modelBytesOf(version.data.files) : 0
  return (
    <Card title={words.results} isFlush>
      <PlainTable
        label={words.results}
        headers={[
          columns.recipe,
          columns.result,
          columns.size,
          columns.share,
          columns.agreement,
          columns.difference,
          columns.memory,
          columns.took,
        ]}
        rows={run.results.map((result) => ({ key: result.recipe, cells: cellsOf(run, result, wholeBytes) }))}
      />
    </Card>
  )
}

function cellsOf(run: Optimisation, result: RecipeResult, wholeBytes: number) {
  const { recipe, message, sizeBytes, fidelity, tookMs, peakBytes } = result
  const { agreement, difference } = worstOf(fidelity)
  return [
    <RecipeCell key="recipe" recipe={recipe} message={message} fidelity={fidelity} />,
    <ResultBadge key="result" result={result} run={run} />,
    <Figure key="size" text={sizeBytes === undefined ? '–' : sizeText(sizeBytes)} />,
    <Figure key="share" text={shareText(sizeBytes, wholeBytes)} />,
    <Figure key="agreement" text={agreementText(agreement)} />,
    <Figure key="difference" text={differenceText(difference)} />,
    <Figure key="memory" text={peakBytes === undefined ? '–' : sizeText(peakBytes)} />,
    tookMs === undefined ? '–' : tookText(tookMs),
  ]
}

type RecipeProps = { recipe: string; message: string | undefined; fidelity?: readonly OutputFidelity[] | undefined }

/** A recipe, with the reason of its result or its figures on labels below its name. */
export const RecipeCell = ({ recipe, message, fidelity = [] }: RecipeProps) => (
  <span className="block min-w-44 py-2">
    <code className="font-mono text-xs font-medium">{recipe}</code>
    {message !== undefined && <span className="mt-0.5 block max-w-xl text-xs wrap-anywhere text-soft">{message}</span>}
    {message === undefined &&
      fidelity.map(
        ({ output, task }) =>
          task && (
            <span key={output} className="mt-0.5 block max-w-xl text-xs wrap-anywhere text-soft">
              {words.taskOf(output, taskText(task))}
            </span>
          ),
      )}
  </span>
)

export const Figure = ({ text }: { text: string }) => <span className="whitespace-nowrap tabular">{text}</span>

const tookText = (ms: number) => (ms < 60_000 ? durationText(ms * 1_000) : timeLeftText(ms / 1_000))
