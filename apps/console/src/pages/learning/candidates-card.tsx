/** Candidates card: how well each candidate finds planted faults and names their tags. */
import type { LearningCandidate } from '@skerry/contract/learning/learning'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { shareText } from '../captures/share-text.ts'
import { learningTexts } from './english-learning.ts'

const words = learningTexts.candidates

type CandidatesCardProps = { candidates: readonly LearningCandidate[]; chosen: string | undefined }

export const CandidatesCard = ({ candidates, chosen }: CandidatesCardProps) => (
  <Card title={words.title} isFlush>
    <p className="px-4 pt-3 pb-2.5 text-sm text-soft">{words.hint}</p>
    <PlainTable
      label={words.title}
      headers={Object.values(words.columns)}
      wideOnly={[words.columns.stability, words.columns.falseAlarms, words.columns.size]}
      rows={candidates.map((one) => ({
        key: one.kind,
        cells: [
          <span key="kind">
            {words.kinds[one.kind] ?? one.kind}
            {one.kind === chosen && <span className="ml-2 text-xs font-medium text-accent">{words.chosen}</span>}
          </span>,
          one.auc.toFixed(3),
          foundText(one),
          shareText(one.named),
          words.falseAlarms(one.falseAlarms, one.heldOutRows),
          one.stability.toFixed(2),
          sizeText(one.bytes),
        ],
      }))}
    />
  </Card>
)

const foundText = ({ detected }: LearningCandidate) =>
  Object.entries(detected)
    .map(([fault, share]) => `${words.faults[fault] ?? fault} ${Math.round(share * 100)}%`)
    .join(', ')
