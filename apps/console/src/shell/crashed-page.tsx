/** Crashed page: shown when a page has failed, or when there is none at this address. */
import { isPassing, problemOf } from '@skerry/client/problem'
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router'
import { CloudOff, Compass, TriangleAlert } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/page-state.tsx'
import { texts } from '../texts/english.ts'

/** The interval of retries while the hub is away. */
const TRY_AGAIN_MS = 2_000

/** The error boundary of every page. If the hub was only away, the page retries by itself. */
export function CrashedPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const problem = problemOf(error)
  const isAway = isPassing(problem)
  useEffect(() => {
    if (!isAway) return
    const timer = setInterval(() => void router.invalidate(), TRY_AGAIN_MS)
    return () => clearInterval(timer)
  }, [router, isAway])
  const { banner, reconnecting } = texts.shell.connection
  return (
    <main className="grid min-h-full place-items-center p-6">
      <div role="alert" className="card w-full max-w-lg">
        <Empty
          icon={isAway ? CloudOff : TriangleAlert}
          titleAs="h1"
          title={isAway ? banner : texts.common.crashed}
          hint={isAway ? reconnecting : `${texts.common.crashedHint} (${problem.code}: ${problem.message})`}
          action={
            <Button
              onClick={() => {
                reset()
                void router.invalidate()
              }}
            >
              {texts.common.reload}
            </Button>
          }
        />
      </div>
    </main>
  )
}

/** The page for an unknown address. */
export function UnknownPage() {
  return (
    <main className="grid min-h-full place-items-center p-6">
      <div className="card w-full max-w-lg">
        <Empty
          icon={Compass}
          titleAs="h1"
          title={texts.common.notFound}
          hint={texts.common.notFoundHint}
          action={
            <Link to="/" className="text-sm font-medium text-accent underline underline-offset-4">
              {texts.common.toOverview}
            </Link>
          }
        />
      </div>
    </main>
  )
}
