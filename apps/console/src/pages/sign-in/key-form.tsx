/** Key form: a key becomes a session. */
import { KeySecret } from '@skerry/contract/people/key'
import { useEffect, useRef, useState } from 'react'
import { Field, INPUT } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { DoorForm } from './door.tsx'
import { doorTexts } from './english-door.ts'
import { Refusal } from './refusal.tsx'
import { useAttempt } from './use-attempt.ts'
import { useEnter } from './use-enter.ts'

const words = doorTexts.signIn

/** A linked key is used without asking. */
export function KeyForm({ next, linked }: { next: string; linked: string | null }) {
  const [key, setKey] = useState(linked ?? '')
  const enter = useEnter(next)
  const parsed = KeySecret.safeParse(key.trim())
  const [isWrong, setWrong] = useState(false)
  const attempt = useAttempt(async () => {
    if (parsed.success) await enter(await hub.session.create({ key: parsed.data }))
  })
  const submit = () => {
    setWrong(!parsed.success)
    if (parsed.success) void attempt.go()
  }
  const hasBegun = useRef(false)
  useEffect(() => {
    if (linked === null || hasBegun.current) return
    hasBegun.current = true
    submit()
  })
  return (
    <DoorForm
      submit={submit}
      verb={attempt.isBusy ? words.busy : words.submit}
      blocked={attempt.isBusy || key.trim() === '' || attempt.waitSeconds > 0}
    >
      <Field label={words.key.label} hint={words.key.hint} error={isWrong ? words.key.notAKey : undefined}>
        {(control) => (
          <input
            {...control}
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            className={`${INPUT} h-10 font-mono`}
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        )}
      </Field>
      <Refusal attempt={attempt} />
    </DoorForm>
  )
}
