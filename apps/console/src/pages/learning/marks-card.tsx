/** Marks card: the times that a person has marked for the next learning of this name. */
import type { Learning } from '@skerry/contract/learning/learning'
import type { LearningMark } from '@skerry/contract/learning/mark'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { hub } from '../../hub/hub-client.ts'
import { timeLocale } from '../../texts/language.ts'
import { learningTexts } from './english-learning.ts'
import { learningQueries } from './learning-queries.ts'

const words = learningTexts.marks

type MarksCardProps = { learning: Learning; marks: readonly LearningMark[] }

export const MarksCard = ({ learning: { spec, outcome }, marks }: MarksCardProps) => (
  <Card title={words.title} isFlush>
    <p className="px-4 pt-3 pb-2.5 text-sm text-soft">{words.hint}</p>
    <PlainTable
      label={words.title}
      headers={Object.values(words.columns)}
      rows={marks.map((mark) => ({
        key: mark.id,
        cells: [
          words.kinds[mark.kind],
          <Instant key="from" ms={mark.fromMs} />,
          <Instant key="until" ms={mark.toMs} />,
          mark.kind === 'normal' ? words.rows(mark.rows) : '',
          outcome?.marked?.marks.includes(mark.id) ? words.here : words.next,
          <span key="by" title={mark.reason}>
            {mark.createdBy}
          </span>,
          <RemoveButton key="remove" name={spec.name} mark={mark} />,
        ],
      }))}
    />
  </Card>
)

function RemoveButton({ name, mark }: { name: string; mark: LearningMark }) {
  const [isAsked, setAsked] = useState(false)
  const client = useQueryClient()
  const remove = async () => {
    await hub.learning.unmark({ name, mark: mark.id })
    await client.invalidateQueries({ queryKey: learningQueries.list().queryKey })
  }
  return (
    <>
      <GuardedButton
        permission="learning.write"
        aria-label={words.removeOf(new Date(mark.fromMs).toLocaleTimeString(timeLocale))}
        onClick={() => setAsked(true)}
      >
        {words.remove}
      </GuardedButton>
      {isAsked && (
        <Confirmation
          title={words.removeTitle}
          lead={words.removeLead}
          verb={words.remove}
          isDanger
          run={remove}
          done={words.removed}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
