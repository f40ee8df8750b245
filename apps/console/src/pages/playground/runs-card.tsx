/** Runs card: the last runs of this page, to compare devices and inputs by. */

import { elementsOfTensor } from '@skerry/client/named-tensor'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { durationText } from '../../components/charts/amounts.ts'
import { cn } from '../../components/class-names.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { playgroundWords } from './english-playground.ts'
import { elementText } from './output-view.ts'
import type { RunRecord } from './use-runs.ts'

const words = playgroundWords.history

type RunsCardProps = { runs: readonly RunRecord[]; shown: number | undefined; onShow: (id: number) => void }

/** The card. */
export function RunsCard({ runs, shown, onShow }: RunsCardProps) {
  const { at, answer, time, trip } = words.columns
  return (
    <Card title={words.title} isFlush>
      <PlainTable
        label={words.title}
        headers={[at, answer, time, trip]}
        rows={runs.map((run) => ({
          key: String(run.id),
          cells: [
            <Button
              key="at"
              isSmall
              look={run.id === shown ? 'plain' : 'quiet'}
              aria-pressed={run.id === shown}
              onClick={() => onShow(run.id)}
            >
              <Instant ms={run.atMs} />
            </Button>,
            <Answer key="answer" run={run} />,
            run.outcome.ok ? durationText(run.outcome.answer.runnerUs) : '–',
            durationText(run.tripUs),
          ],
        }))}
      />
    </Card>
  )
}

const Answer = ({ run }: { run: RunRecord }) => (
  <span className="flex min-w-0 flex-col whitespace-nowrap">
    <span className={cn('font-mono text-xs', !run.outcome.ok && 'text-bad')}>{answerText(run)}</span>
    <span className="text-2xs text-soft">{run.device}</span>
  </span>
)

/** So many elements tell one answer from another. */
const ELEMENTS_SHOWN = 2

function answerText({ outcome }: RunRecord): string {
  if (!outcome.ok) return outcome.code
  const elements = outcome.answer.outputs[0] && elementsOfTensor(outcome.answer.outputs[0])
  const first = (elements ?? []).slice(0, ELEMENTS_SHOWN).map(elementText)
  return `${first.join(', ')}${(elements?.length ?? 0) > ELEMENTS_SHOWN ? ', …' : ''}`
}
