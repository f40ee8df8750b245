/** Person form: e-mail address and password. */
import { Email } from '@skerry/contract/people/user'
import { useState } from 'react'
import { DoorForm, DoorLink } from './door.tsx'
import { doorTexts } from './english-door.ts'
import { EmailField, PasswordField } from './person-fields.tsx'
import { Refusal } from './refusal.tsx'
import { useProof } from './use-attempt.ts'

const words = doorTexts.signIn

export type Credentials = { email: string; password: string }

type Flaws = Partial<Record<keyof Credentials, string | undefined>>

type PersonFormProps = {
  credentials: Credentials
  onChange: (credentials: Credentials) => void
  /** Signs in. */
  run: () => Promise<void>
  /** The hub wants a code as well. */
  onCode: () => void
  onForgot: () => void
}

export function PersonForm({ credentials, onChange, run, onCode, onForgot }: PersonFormProps) {
  const { email, password } = credentials
  const [flaws, setFlaws] = useState<Flaws>({})
  const attempt = useProof(run, onCode)
  const submit = () => {
    const found = flawsOf(credentials)
    setFlaws(found)
    if (found.email === undefined && found.password === undefined) void attempt.go()
  }
  return (
    <DoorForm
      submit={submit}
      verb={attempt.isBusy ? words.busy : words.submit}
      blocked={attempt.isBusy || attempt.waitSeconds > 0}
    >
      <EmailField value={email} onChange={(next) => onChange({ ...credentials, email: next })} error={flaws.email} />
      <PasswordField
        label={words.password}
        value={password}
        error={flaws.password}
        onChange={(next) => onChange({ ...credentials, password: next })}
      />
      <span className="-mt-2 self-end">
        <DoorLink onClick={onForgot}>{words.forgot}</DoorLink>
      </span>
      <Refusal attempt={attempt} named={{ sign_in_refused: words.refused }} />
    </DoorForm>
  )
}

/** Asked for on the way, and not before: what a browser fills in by itself, a page often learns of only then. */
const flawsOf = ({ email, password }: Credentials): Flaws => ({
  email: Email.safeParse(email.trim()).success ? undefined : words.notAnAddress,
  password: password === '' ? words.passwordMissing : undefined,
})
