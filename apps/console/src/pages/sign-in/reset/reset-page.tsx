/** Reset: the link of a letter, with which a new password is chosen. */
import type { ResetResult } from '@skerry/contract/devices/reset'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { hub } from '../../../hub/hub-client.ts'
import { noteNoSession } from '../../../hub/session-hint.ts'
import { peopleQueries } from '../../settings/people/people-queries.ts'
import { Door, DoorForm } from '../door.tsx'
import { doorTexts } from '../english-door.ts'
import { ToSignIn } from '../join-page.tsx'
import { PasswordField } from '../person-fields.tsx'
import { Refusal } from '../refusal.tsx'
import { useAttempt } from '../use-attempt.ts'
import { useLinkedSecret } from '../use-linked-secret.ts'
import { passwordFlaw } from './new-password.ts'
import { OutlookList, ResultList } from './reset-ways.tsx'

const words = doorTexts.reset

/** The page at /reset. */
export function ResetPage() {
  const reset = useLinkedSecret('reset')
  const [result, setResult] = useState<ResetResult>()
  if (reset === undefined) return null
  if (result || reset === null)
    return (
      <Door title={result ? words.done : words.noLink} lead={result ? words.doneLead : words.noLinkLead}>
        {result && <ResultList result={result} />}
        <ToSignIn text={words.toSignIn} />
      </Door>
    )
  return (
    <Door title={words.title} lead={words.lead}>
      <ResetForm reset={reset} onDone={setResult} />
    </Door>
  )
}

function ResetForm({ reset, onDone }: { reset: string; onDone: (result: ResetResult) => void }) {
  const [password, setPassword] = useState('')
  const [flaw, setFlaw] = useState<string>()
  const [kept, setKept] = useState<readonly string[]>([])
  // A link that counts for nothing is refused where the password is set.
  const { data: outlook } = useQuery({ ...peopleQueries.outlookOf(reset), retry: false })
  const attempt = useAttempt(async () => {
    const result = await hub.account.reset({ reset, password, keepKeys: [...kept] })
    noteNoSession()
    onDone(result)
  })
  const submit = () => {
    // Whose it is, the hub knows: it looks for name and address in it.
    const found = passwordFlaw(password, { email: '', name: '' })
    setFlaw(found)
    if (found === undefined) void attempt.go()
  }
  return (
    <DoorForm
      submit={submit}
      verb={attempt.isBusy ? words.busy : words.submit}
      blocked={attempt.isBusy || attempt.waitSeconds > 0}
    >
      {outlook && <OutlookList outlook={outlook} kept={kept} onKept={setKept} />}
      <PasswordField
        label={words.password}
        hint={doorTexts.newPassword.hint}
        isNew
        value={password}
        onChange={setPassword}
        error={flaw}
      />
      <Refusal attempt={attempt} />
    </DoorForm>
  )
}
