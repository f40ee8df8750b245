/**
 * Second factor page: password, authenticator, recovery codes. Whoever wants one comes here from the own account; whoever must have one is led
 * here, and the hub answers nothing else until it is there.
 */
import type { Account } from '@skerry/contract/people/user'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Navigate, useRouter, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Failure, Loading } from '../../components/page-state.tsx'
import { setConnectionState } from '../../hub/connection-state.ts'
import { hub } from '../../hub/hub-client.ts'
import { forgetAll } from '../../hub/shown-organisation.ts'
import { useSignOut } from '../../shell/use-sign-out.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import { CodeStep } from '../sign-in/code-step.tsx'
import { Door, DoorLink } from '../sign-in/door.tsx'
import { connectTexts } from '../sign-in/english-connect.ts'
import { doorTexts } from '../sign-in/english-door.ts'
import { PasskeyButton } from '../sign-in/passkey-button.tsx'
import { useEnter } from '../sign-in/use-enter.ts'
import { accountTexts } from './english-account.ts'
import { passkeyTexts } from './english-passkeys.ts'
import { AuthenticatorStep, type Begun, CodesStep, PasswordStep } from './factor-steps.tsx'

const words = accountTexts.setUp

type Stage = { step: 1 } | { step: 2; begun: Begun } | { step: 3; codes: readonly string[] }

/** The page at /second-factor. */
export function SecondFactorPage() {
  const { next = '/' } = useSearch({ from: '/second-factor' })
  const client = useQueryClient()
  const router = useRouter()
  const [stage, setStage] = useState<Stage>({ step: 1 })
  // What it was when the page was opened: it is another one as soon as the code is proved.
  const { data: account, error, refetch } = useQuery(peopleQueries.account())
  if (!account)
    return (
      <Door title={words.title} lead="">
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />}
      </Door>
    )
  const leave = async () => {
    forgetAll(client)
    setConnectionState('connecting')
    await router.navigate({ href: next })
  }
  if (account.hasSecondFactor && stage.step === 1)
    return account.needsSecondFactor ? <Proof onDone={leave} /> : <Navigate to="/account" />
  if (account.needsSecondFactor && account.passkeys > 0) return <PasskeyProof next={next} />
  const content: Readonly<Record<Stage['step'], ReactNode>> = {
    1: <PasswordStep email={account.email} onDone={(begun) => setStage({ step: 2, begun })} />,
    2: stage.step === 2 && <AuthenticatorStep begun={stage.begun} onDone={(codes) => setStage({ step: 3, codes })} />,
    3: stage.step === 3 && <CodesStep email={account.email} codes={stage.codes} onDone={() => void leave()} />,
  }
  return (
    <Door title={words.title} lead={leadOf(account)}>
      <Steps step={stage.step} />
      {content[stage.step]}
      {stage.step < 3 && (
        <div className="mt-5 border-t border-line pt-4 text-center">
          {account.needsSecondFactor ? <SignOut /> : <DoorLink onClick={() => void leave()}>{words.notNow}</DoorLink>}
        </div>
      )}
    </Door>
  )
}

/** There is one, and this session was begun without: by a provider that did not ask for more than a password. */
function Proof({ onDone }: { onDone: () => Promise<void> }) {
  const signOut = useSignOut()
  const prove = async (code: string) => {
    await hub.account.proveSecondFactor({ code })
    await onDone()
  }
  return (
    <Door title={doorTexts.signIn.code.title} lead={connectTexts.providers.prove}>
      <CodeStep run={prove} onBack={() => void signOut()} />
    </Door>
  )
}

/** There is a passkey, and this session was begun without it. With it another one begins, which is in. */
function PasskeyProof({ next }: { next: string }) {
  const enter = useEnter(next)
  return (
    <Door title={passkeyTexts.proveTitle} lead={passkeyTexts.proveLead}>
      <PasskeyButton onDone={enter} />
      <div className="mt-5 border-t border-line pt-4 text-center">
        <SignOut />
      </div>
    </Door>
  )
}

const leadOf = ({ needsSecondFactor, organisation, role }: Account): string =>
  needsSecondFactor ? words.required(organisation, role) : words.offered

/** How far it is. */
const Steps = ({ step }: { step: 1 | 2 | 3 }) => (
  <div className="mt-5">
    <div aria-hidden className="flex gap-1.5">
      {words.steps.map((name, index) => (
        <span key={name} className={`h-1 flex-1 rounded-full ${index < step ? 'bg-accent' : 'bg-line'}`} />
      ))}
    </div>
    <p role="status" className="mt-2 text-xs text-soft">
      {words.step(step, words.steps[step - 1] ?? '')}
    </p>
  </div>
)

function SignOut() {
  const signOut = useSignOut()
  return <DoorLink onClick={() => void signOut()}>{words.signOut}</DoorLink>
}
