/** Password card: another password, which needs the one before. */
import type { Account } from '@skerry/contract/people/user'
import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { doorTexts } from '../sign-in/english-door.ts'
import { PasswordField } from '../sign-in/person-fields.tsx'
import { Refusal } from '../sign-in/refusal.tsx'
import { passwordFlaw } from '../sign-in/reset/new-password.ts'
import { useAttempt } from '../sign-in/use-attempt.ts'
import { accountTexts } from './english-account.ts'
import { PlainCodeField, SubmitButton } from './proof-fields.tsx'

const words = accountTexts.password
const NOTHING = { password: '', code: '', newPassword: '' }

export function PasswordCard({ account }: { account: Account }) {
  const [typed, setTyped] = useState(NOTHING)
  const [flaws, setFlaws] = useState<{ password?: string | undefined; newPassword?: string | undefined }>({})
  const attempt = useAttempt(async () => {
    const { password, code, newPassword } = typed
    await hub.account.setPassword({ password, newPassword, ...(account.hasSecondFactor && { code: code.trim() }) })
    setTyped(NOTHING)
    toast('good', words.done, words.doneHint)
  })
  const set = (change: Partial<typeof NOTHING>) => setTyped({ ...typed, ...change })
  const submit = () => {
    const found = {
      password: typed.password === '' ? words.missing : undefined,
      newPassword: passwordFlaw(typed.newPassword, account),
    }
    setFlaws(found)
    if (found.password === undefined && found.newPassword === undefined) void attempt.go()
  }
  return (
    <Card title={words.title}>
      <form
        noValidate
        className="flex max-w-md flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!attempt.isBusy && attempt.waitSeconds === 0) submit()
        }}
      >
        <p className="text-sm text-soft">{words.lead}</p>
        <input type="email" autoComplete="username" readOnly hidden value={account.email} />
        <PasswordField
          isSmall
          label={words.current}
          value={typed.password}
          onChange={(password) => set({ password })}
          error={flaws.password}
        />
        {account.hasSecondFactor && <PlainCodeField value={typed.code} onChange={(code) => set({ code })} />}
        <PasswordField
          isSmall
          isNew
          label={words.next}
          hint={doorTexts.newPassword.hint}
          value={typed.newPassword}
          onChange={(newPassword) => set({ newPassword })}
          error={flaws.newPassword}
        />
        <Refusal attempt={attempt} named={{ sign_in_refused: words.refused }} />
        <SubmitButton attempt={attempt} verb={words.submit} busy={words.busy} />
      </form>
    </Card>
  )
}
