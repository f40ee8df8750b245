/** Factor steps: what is done one after the other until a second factor counts. */
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { hub } from '../../hub/hub-client.ts'
import { saveText } from '../playground/save-text.ts'
import { QrCode } from '../settings/people/qr-code.tsx'
import { DoorForm } from '../sign-in/door.tsx'
import { CodeField, PasswordField } from '../sign-in/person-fields.tsx'
import { Refusal } from '../sign-in/refusal.tsx'
import { useAttempt } from '../sign-in/use-attempt.ts'
import { accountTexts } from './english-account.ts'

const words = accountTexts.setUp

const FILE = 'skerry-recovery-codes.txt'

export type Begun = { uri: string; secret: string }

/** Whoever sits there is the person. */
export function PasswordStep({ email, onDone }: { email: string; onDone: (begun: Begun) => void }) {
  const [password, setPassword] = useState('')
  const attempt = useAttempt(async () => onDone(await hub.account.beginSecondFactor({ password })))
  return (
    <DoorForm
      submit={() => void attempt.go()}
      verb={attempt.isBusy ? words.busy : words.next}
      blocked={attempt.isBusy || attempt.waitSeconds > 0 || password === ''}
    >
      <input type="email" autoComplete="username" readOnly hidden value={email} />
      <PasswordField label={words.password} hint={words.passwordLead} value={password} onChange={setPassword} />
      <Refusal attempt={attempt} named={{ sign_in_refused: words.refused }} />
    </DoorForm>
  )
}

/** The authenticator knows the secret, and shows it. */
export function AuthenticatorStep({ begun, onDone }: { begun: Begun; onDone: (codes: readonly string[]) => void }) {
  const [code, setCode] = useState('')
  const [isMalformed, setMalformed] = useState(false)
  const digits = code.replaceAll(/\s/g, '')
  const attempt = useAttempt(async () => {
    onDone((await hub.account.confirmSecondFactor({ code: digits })).recoveryCodes)
  })
  const submit = () => {
    const isCode = /^\d{6}$/.test(digits)
    setMalformed(!isCode)
    if (isCode) void attempt.go()
  }
  return (
    <DoorForm
      submit={submit}
      verb={attempt.isBusy ? words.busy : words.prove}
      blocked={attempt.isBusy || attempt.waitSeconds > 0 || digits === ''}
    >
      <figure className="flex flex-col items-center gap-2">
        <figcaption className="text-sm">{words.scan}</figcaption>
        <QrCode text={begun.uri} label={words.picture} />
      </figure>
      <div className="flex flex-col gap-1">
        <p className="text-center text-xs text-soft">{words.type}</p>
        <div className="flex items-center justify-center gap-1">
          <code className="font-mono text-xs">{begun.secret.match(/.{1,4}/g)?.join(' ')}</code>
          <CopyButton value={begun.secret} what={words.secret} />
        </div>
      </div>
      <CodeField
        value={code}
        onChange={setCode}
        hint={words.codeHint}
        error={isMalformed ? words.codeMalformed : undefined}
      />
      <Refusal attempt={attempt} />
    </DoorForm>
  )
}

type CodesProps = { email: string; codes: readonly string[]; onDone: () => void }

/** Shown this once: nobody leaves without having said that they are kept. */
export function CodesStep({ email, codes, onDone }: CodesProps) {
  const [isKept, setKept] = useState(false)
  const text = codes.join('\n')
  return (
    <DoorForm submit={onDone} verb={words.done} blocked={!isKept}>
      <p className="text-sm text-soft">{words.codesLead}</p>
      <div className="rounded-lg border border-line bg-ground p-4">
        <ul aria-label={words.codes} className="grid grid-cols-2 gap-x-6 gap-y-1.5 font-mono text-sm">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="mt-3 flex items-center justify-end gap-1">
          <CopyButton value={text} what={words.codes} />
          <Button isSmall onClick={() => saveText(FILE, `${words.file(email)}\n\n${text}\n`, 'text/plain')}>
            {words.download}
          </Button>
        </div>
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" checked={isKept} onChange={(event) => setKept(event.target.checked)} />
        {words.kept}
      </label>
    </DoorForm>
  )
}
