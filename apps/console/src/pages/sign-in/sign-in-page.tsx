/** Sign-in: people with e-mail address and password, and a code where they have a second factor; programs' keys too, also by a link. */
import { useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { hub } from '../../hub/hub-client.ts'
import { CodeStep } from './code-step.tsx'
import { Door, DoorLink } from './door.tsx'
import { doorTexts } from './english-door.ts'
import { KeyForm } from './key-form.tsx'
import { PasskeyButton } from './passkey-button.tsx'
import { type Credentials, PersonForm } from './person-form.tsx'
import { ProviderButtons } from './providers/provider-buttons.tsx'
import { ForgotForm } from './reset/forgot-form.tsx'
import { SignInNotice } from './sign-in-notice.tsx'
import { useEnter } from './use-enter.ts'
import { useLinkedSecret } from './use-linked-secret.ts'

const words = doorTexts.signIn

type Step = 'person' | 'code' | 'key' | 'forgot' | 'sent'

/** The page at /sign-in. */
export function SignInPage() {
  const { next: wanted } = useSearch({ from: '/sign-in' })
  const next = wanted ?? '/'
  const linked = useLinkedSecret('key')
  const [chosen, setChosen] = useState<Step>()
  const [credentials, setCredentials] = useState<Credentials>({ email: '', password: '' })
  const enter = useEnter(next)
  if (linked === undefined) return null
  const step = chosen ?? (linked === null ? 'person' : 'key')
  const { email, password } = credentials
  const signIn = async (code?: string) => {
    const proof = { email: email.trim(), password, ...(code !== undefined && { code }) }
    await enter(await hub.account.signIn(proof))
  }
  const toPerson = <DoorLink onClick={() => setChosen('person')}>{words.back}</DoorLink>
  const content: Readonly<Record<Step, ReactNode>> = {
    person: (
      <>
        <PersonForm
          credentials={credentials}
          onChange={setCredentials}
          run={signIn}
          onCode={() => setChosen('code')}
          onForgot={() => setChosen('forgot')}
        />
        <PasskeyButton onDone={enter} />
        <ProviderButtons next={next} />
        <Aside>
          <DoorLink onClick={() => setChosen('key')}>{words.useKey}</DoorLink>
        </Aside>
      </>
    ),
    code: <CodeStep run={signIn} onBack={() => setChosen('person')} />,
    key: (
      <>
        <KeyForm key={linked} next={next} linked={linked} />
        <Aside>
          <DoorLink onClick={() => setChosen('person')}>{words.usePassword}</DoorLink>
        </Aside>
      </>
    ),
    forgot: (
      <>
        <ForgotForm
          email={email}
          onChange={(typed) => setCredentials({ ...credentials, email: typed })}
          onSent={() => setChosen('sent')}
        />
        <Aside>{toPerson}</Aside>
      </>
    ),
    sent: <Aside>{toPerson}</Aside>,
  }
  return (
    <Door title={titleOf(step)} lead={leadOf(step, { wanted, email })}>
      <SignInNotice />
      {content[step]}
    </Door>
  )
}

const Aside = ({ children }: { children: ReactNode }) => (
  <div className="mt-5 border-t border-line pt-4 text-center">{children}</div>
)

function titleOf(step: Step): string {
  if (step === 'code') return words.code.title
  if (step === 'forgot') return words.forgotten.title
  return step === 'sent' ? words.forgotten.sent : words.title
}

function leadOf(step: Step, { wanted, email }: { wanted: string | undefined; email: string }): string {
  if (step === 'code') return words.code.lead
  if (step === 'forgot') return words.forgotten.lead
  if (step === 'sent') return words.forgotten.sentLead(email.trim())
  if (wanted !== undefined) return words.ended
  return step === 'key' ? words.key.lead : words.lead
}
