/** Code step: the second factor of somebody whose password was right. */
import { SecondFactorCode } from '@skerry/contract/people/user'
import { useState } from 'react'
import { DoorForm, DoorLink } from './door.tsx'
import { doorTexts } from './english-door.ts'
import { CodeField } from './person-fields.tsx'
import { Refusal } from './refusal.tsx'
import { useAttempt } from './use-attempt.ts'

const words = doorTexts.signIn

/** `run` signs in with the code. */
export function CodeStep({ run, onBack }: { run: (code: string) => Promise<void>; onBack: () => void }) {
  const [code, setCode] = useState('')
  const [isMalformed, setMalformed] = useState(false)
  const attempt = useAttempt(() => run(code.trim()))
  const submit = () => {
    const isCode = SecondFactorCode.safeParse(code).success
    setMalformed(!isCode)
    if (isCode) void attempt.go()
  }
  return (
    <>
      <DoorForm
        submit={submit}
        verb={attempt.isBusy ? words.busy : words.submit}
        blocked={attempt.isBusy || code.trim() === '' || attempt.waitSeconds > 0}
      >
        <CodeField
          value={code}
          onChange={setCode}
          hint={words.code.hint}
          error={isMalformed ? words.code.malformed : undefined}
        />
        <Refusal attempt={attempt} named={{ sign_in_refused: words.code.refused }} />
      </DoorForm>
      <div className="mt-4">
        <DoorLink onClick={onBack}>{words.back}</DoorLink>
      </div>
    </>
  )
}
