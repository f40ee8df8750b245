/** Sso: where a provider sends the browser back to. The page hands its answer to the hub, and keeps nothing of it. */
import { type Problem, problemOf } from '@skerry/client/problem'
import { useEffect, useRef, useState } from 'react'
import { hub } from '../../../hub/hub-client.ts'
import { Door } from '../door.tsx'
import { connectTexts } from '../english-connect.ts'
import { ToSignIn } from '../join-page.tsx'
import { takeNext } from '../next-page.ts'
import { useEnter } from '../use-enter.ts'

const words = connectTexts.sso

/** The page at /sso. */
export function SsoPage() {
  const [problem, setProblem] = useState<Problem>()
  const hasBegun = useRef(false)
  const next = useRef(takeNext()).current
  const enter = useEnter(next)
  useEffect(() => {
    // Each answer counts once, however often React looks at this page.
    if (hasBegun.current) return
    hasBegun.current = true
    const answer = window.location.search.slice(1)
    window.history.replaceState(null, '', window.location.pathname)
    hub.account.finishProvider({ answer }).then(
      ({ expiresAtMs }) => (expiresAtMs === undefined ? window.location.replace(next) : enter({ expiresAtMs })),
      (thrown: unknown) => setProblem(problemOf(thrown)),
    )
  }, [enter, next])
  if (!problem) return <Door title={words.title} lead={words.lead} />
  return (
    <Door title={words.failed} lead={<span role="alert">{problem.message}</span>}>
      <ToSignIn text={words.toSignIn} />
    </Door>
  )
}
