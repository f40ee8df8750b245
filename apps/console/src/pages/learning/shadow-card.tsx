/** Shadow card: the alarms that the detector would have raised, before it is live. */
import type { LearningShadow } from '@skerry/contract/learning/learning'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { figureText } from '../captures/share-text.ts'
import { ProgressBar } from '../models/upload/job/progress-bar.tsx'
import { learningTexts } from './english-learning.ts'
import { NormalButton } from './normal-button.tsx'

const words = learningTexts.shadow

type ShadowCardProps = { name: string; shadow: LearningShadow | undefined }

export function ShadowCard({ name, shadow }: ShadowCardProps) {
  return (
    <Card title={words.title}>
      <p className="text-sm text-soft">{words.hint}</p>
      {shadow ? <ShadowFigures {...{ name, shadow }} /> : <p className="mt-2 text-sm">{words.none}</p>}
    </Card>
  )
}

type ShadowFiguresProps = { name: string; shadow: LearningShadow }

const ShadowFigures = ({ name, shadow: { rows, rowsWanted, alarms, first } }: ShadowFiguresProps) => (
  <>
    <div className="mt-3">
      <ProgressBar label={words.title} done={rows} total={rowsWanted} />
    </div>
    <p className="tabular mt-2 text-sm">{words.so(alarms, rows, rowsWanted)}</p>
    {first.length > 0 && (
      <PlainTable
        label={words.title}
        headers={Object.values(words.columns)}
        rows={first.map(({ atMs, endedAtMs, tag, score }) => ({
          key: String(atMs),
          cells: [
            <Instant key="at" ms={atMs} />,
            <Instant key="until" ms={endedAtMs} />,
            tag,
            figureText(score),
            <NormalButton key="normal" name={name} fromMs={atMs} toMs={Math.max(endedAtMs, atMs + 1)} />,
          ],
        }))}
      />
    )}
  </>
)
