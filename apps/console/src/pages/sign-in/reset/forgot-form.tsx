/** Forgot form: asks for the letter with which a new password is chosen. Whether anybody has the address, the hub tells nobody. */
import { Email } from '@skerry/contract/people/user'
import { useState } from 'react'
import { hub } from '../../../hub/hub-client.ts'
import { DoorForm } from '../door.tsx'
import { doorTexts } from '../english-door.ts'
import { EmailField } from '../person-fields.tsx'
import { Refusal } from '../refusal.tsx'
import { useAttempt } from '../use-attempt.ts'

const words = doorTexts.signIn

type ForgotFormProps = { email: string; onChange: (email: string) => void; onSent: () => void }

export function ForgotForm({ email, onChange, onSent }: ForgotFormProps) {
  const [isMalformed, setMalformed] = useState(false)
  const attempt = useAttempt(async () => {
    await hub.account.forgot({ email: email.trim() })
    onSent()
  })
  const submit = () => {
    const isEmail = Email.safeParse(email.trim()).success
    setMalformed(!isEmail)
    if (isEmail) void attempt.go()
  }
  return (
    <DoorForm
      submit={submit}
      verb={attempt.isBusy ? words.forgotten.busy : words.forgotten.submit}
      blocked={attempt.isBusy || email.trim() === ''}
    >
      <EmailField value={email} onChange={onChange} error={isMalformed ? words.notAnAddress : undefined} />
      <Refusal attempt={attempt} />
    </DoorForm>
  )
}
