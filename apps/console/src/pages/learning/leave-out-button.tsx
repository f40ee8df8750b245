/** Leave-out button: the rows of a time are not learned, because the machine was not in order. */
import { LeftOutTime } from '@skerry/contract/learning/mark'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { hub } from '../../hub/hub-client.ts'
import { learningTexts } from './english-learning.ts'
import { learningQueries } from './learning-queries.ts'
import { TimeFields } from './leave-out-fields.tsx'

const words = learningTexts.wizard.leaveOut

/** For a learning that is under way. */
export function LeaveOutButton({ name }: { name: string }) {
  const [isAsked, setAsked] = useState(false)
  return (
    <>
      <GuardedButton permission="learning.write" onClick={() => setAsked(true)}>
        {words.add}
      </GuardedButton>
      {isAsked && <LeaveOutDialog name={name} onClose={() => setAsked(false)} />}
    </>
  )
}

function LeaveOutDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const [time, setTime] = useState({ from: '', to: '', reason: '' })
  const client = useQueryClient()
  const read = LeftOutTime.safeParse({
    fromMs: Date.parse(time.from),
    toMs: Date.parse(time.to),
    reason: time.reason,
  })
  const save = async () => {
    if (!read.success) throw new Error(words.error)
    await hub.learning.mark({ name, kind: 'left-out', ...read.data })
    await client.invalidateQueries({ queryKey: learningQueries.list().queryKey })
    return words.done
  }
  return (
    <SaveDialog
      title={words.add}
      lead={words.hint}
      verb={words.verb}
      blocked={read.success ? undefined : words.error}
      run={save}
      onClose={onClose}
    >
      <TimeFields time={time} onChange={(part) => setTime((before) => ({ ...before, ...part }))} />
    </SaveDialog>
  )
}
