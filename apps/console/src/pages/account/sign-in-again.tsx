/** Sign in again: for what only somebody may do who has just signed in; and back to the account. */
import { Button } from '../../components/button.tsx'
import { hub } from '../../hub/hub-client.ts'
import { noteNoSession } from '../../hub/session-hint.ts'
import { useAttempt } from '../sign-in/use-attempt.ts'
import { passkeyTexts } from './english-passkeys.ts'

export function SignInAgain() {
  const attempt = useAttempt(async () => {
    await hub.session.end({})
    noteNoSession()
    window.location.assign(`/sign-in?${new URLSearchParams({ next: '/account' })}`)
  })
  return (
    <Button look="primary" onClick={() => void attempt.go()}>
      {passkeyTexts.again}
    </Button>
  )
}
