/** Alarms card: the alarms of the live detector, each with the button that says it was none. */
import type { Learning } from '@skerry/contract/learning/learning'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { learningTexts } from './english-learning.ts'
import { learningQueries } from './learning-queries.ts'
import { NormalButton } from './normal-button.tsx'

const words = learningTexts.alarms

/** More alarms in a day are a reason to learn anew. */
const SHOWN_MAX = 20

export function AlarmsCard({ learning: { spec, detector } }: { learning: Learning }) {
  const { data = [] } = useQuery(learningQueries.alarms(spec.device, alarmFlowName(detector ?? spec.name)))
  return (
    <Card title={words.title} isFlush>
      <p className="px-4 pt-3 pb-2.5 text-sm text-soft">{data.length === 0 ? words.none : words.hint}</p>
      {data.length > 0 && (
        <PlainTable
          label={words.title}
          headers={Object.values(words.columns)}
          rows={data
            .toReversed()
            .slice(0, SHOWN_MAX)
            .map(({ fromMs, toMs }) => ({
              key: String(fromMs),
              cells: [
                <Instant key="at" ms={fromMs} />,
                <Instant key="until" ms={toMs} />,
                <NormalButton key="normal" name={spec.name} {...{ fromMs, toMs }} />,
              ],
            }))}
        />
      )}
    </Card>
  )
}
