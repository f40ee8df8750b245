/** Reset: the link of a letter, with which a new password is chosen. */
import { useState } from 'react'
import { hub } from '../../hub/hub-client.ts'
import { noteNoSession } from '../../hub/session-hint.ts'
import { doorTexts } from '../../texts/english-door.ts'
import { Door, DoorForm } from './door.tsx'
import { ToSignIn } from './join-page.tsx'
import { passwordFlaw } from './new-password.ts'
import { PasswordField } from './person-fields.tsx'
import { Refusal } from './refusal.tsx'
import { useAttempt } from './use-attempt.ts'
import { useLinkedSecret } from './use-linked-secret.ts'

const words = doorTexts.reset

/** The page at /reset. */
export function ResetPage() {
  const reset = useLinkedSecret('reset')
  const [isDone, setDone] = useState(false)
  if (reset === undefined) return null
  if (isDone || reset === null)
    return (
      <Door title={isDone ? words.done : words.noLink} lead={isDone ? words.doneLead : words.noLinkLead}>
        <ToSignIn text={words.toSignIn} />
      </Door>
    )
  return (
    <Door title={words.title} lead={words.lead}>
      <ResetForm reset={reset} onDone={() => setDone(true)} />
    </Door>
  )
}

function ResetForm({ reset, onDone }: { reset: string; onDone: () => void }) {
  const [password, setPassword] = useState('')
  const [flaw, setFlaw] = useState<string>()
  const attempt = useAttempt(async () => {
    await hub.account.reset({ reset, password })
    noteNoSession()
    onDone()
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
