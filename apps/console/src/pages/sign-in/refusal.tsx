/** Refusal: what was wrong with a try, and when the next one counts. */
import { Hourglass } from 'lucide-react'
import { doorTexts } from './english-door.ts'
import type { Attempt } from './use-attempt.ts'

const words = doorTexts.signIn

/** Nothing where nothing was refused. `named` has better words for some codes than the hub, which does not know the page. */
export function Refusal({ attempt, named = {} }: { attempt: Attempt; named?: Readonly<Record<string, string>> }) {
  const { problem, waitSeconds, hasWaited } = attempt
  if (!problem) return null
  if (waitSeconds > 0)
    return (
      <p role="timer" className="flex items-center gap-2 rounded-md bg-warn/12 px-3 py-2 text-sm text-warn tabular">
        <Hourglass size={15} className="shrink-0" aria-hidden />
        {words.wait(waitSeconds)}
      </p>
    )
  if (hasWaited)
    return (
      <p role="status" className="text-sm text-soft">
        {words.waitOver}
      </p>
    )
  return (
    <p role="alert" className="text-sm wrap-anywhere text-bad">
      {named[problem.code] ?? problem.message}
    </p>
  )
}
