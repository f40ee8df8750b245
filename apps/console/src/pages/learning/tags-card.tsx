/** Tags card: the learned tags with their usual values. */
import type { LearnedTag } from '@skerry/contract/learning/learning'
import { Card } from '../../components/card.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { figureText, shareText } from '../captures/share-text.ts'
import { learningTexts } from './english-learning.ts'

const words = learningTexts.tags

export const TagsCard = ({ tags }: { tags: readonly LearnedTag[] }) => (
  <Card title={words.title} isFlush>
    <p className="px-4 pt-3 pb-2.5 text-sm text-soft">{words.hint}</p>
    <PlainTable
      label={words.title}
      headers={Object.values(words.columns)}
      rows={tags.map(({ tag, median, spread, usualShare }) => ({
        key: tag,
        cells: [tag, figureText(median), figureText(spread), shareText(usualShare)],
      }))}
    />
  </Card>
)
