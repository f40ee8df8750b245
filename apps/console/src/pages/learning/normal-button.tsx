/** Normal button: a person decides that an alarm was none. The next learning takes its rows as normal. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { timeLocale } from '../../texts/language.ts'
import { learningTexts } from './english-learning.ts'
import { learningQueries } from './learning-queries.ts'

const words = learningTexts.marks

type NormalButtonProps = { name: string; fromMs: number; toMs: number }

export function NormalButton({ name, fromMs, toMs }: NormalButtonProps) {
  const [isAsked, setAsked] = useState(false)
  const client = useQueryClient()
  const mark = async (reason: string) => {
    await hub.learning.mark({ name, kind: 'normal', fromMs, toMs, reason })
    await client.invalidateQueries({ queryKey: learningQueries.list().queryKey })
  }
  return (
    <>
      <GuardedButton
        permission="learning.write"
        aria-label={words.normalOf(new Date(fromMs).toLocaleTimeString(timeLocale))}
        onClick={() => setAsked(true)}
      >
        {words.normal}
      </GuardedButton>
      {isAsked && (
        <Confirmation
          title={words.normalTitle}
          lead={words.normalLead}
          verb={words.normal}
          needsReason
          run={mark}
          done={words.marked}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
