/** Install go: carries the steps out from this page, and shows how far it is. */
import { carryOut } from '@skerry/client/market/carry-out'
import { problemOf } from '@skerry/client/problem'
import type { InstallPlan, InstallWish } from '@skerry/contract/market/installation'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Failure } from '../../components/page-state.tsx'
import { hub } from '../../hub/hub-client.ts'
import { marketTexts } from './english-market.ts'

const words = marketTexts.install

type GoProps = { wish: InstallWish; plan: InstallPlan | undefined; unaccepted: readonly string[] }
type Run = { outcomes: string[]; error?: unknown; done?: InstallPlan }

export function InstallGo({ wish, plan, unaccepted }: GoProps) {
  const client = useQueryClient()
  const [run, setRun] = useState<Run>()
  const isBusy = run !== undefined && run.error === undefined && !run.done
  const go = async () => {
    const outcomes: string[] = []
    setRun({ outcomes })
    // The steps go on if the person leaves the page; an interruption is visible, and can be repeated.
    const { signal } = new AbortController()
    try {
      const begun = await hub.market.install(wish)
      const onDone = ({ outcome }: { outcome: string }) => {
        outcomes.push(outcome)
        setRun({ outcomes: [...outcomes] })
      }
      await carryOut(hub, begun, onDone, signal)
      setRun({ outcomes, done: begun })
    } catch (error) {
      setRun({ outcomes, error })
    }
    await client.invalidateQueries({ queryKey: ['models'] })
  }
  const blocked = blockedBy(plan, unaccepted, isBusy)
  if (run?.done) return <Done plan={run.done} />
  return (
    <Card>
      {plan?.entitlement !== undefined && (
        <p className="mb-3 text-sm text-warn">{words.entitlement(plan.entitlement)}</p>
      )}
      <GuardedButton
        permission="market.install"
        look="primary"
        className="w-full"
        blocked={blocked}
        onClick={() => void go()}
      >
        {isBusy ? words.running : words.go[plan?.change ?? 'install']}
      </GuardedButton>
      {run && run.outcomes.length > 0 && (
        <ul aria-live="polite" className="mt-3 space-y-1 text-xs text-soft">
          {run.outcomes.map((outcome) => (
            <li key={outcome}>{outcome}</li>
          ))}
        </ul>
      )}
      {run?.error !== undefined && (
        <div className="mt-3" data-code={problemOf(run.error).code}>
          <Failure error={run.error} onRetry={() => void go()} />
        </div>
      )}
    </Card>
  )
}

/** Why the installation cannot begin now. */
function blockedBy(plan: InstallPlan | undefined, unaccepted: readonly string[], isBusy: boolean): string | undefined {
  if (!plan) return words.waiting
  if (plan.entitlement !== undefined) return words.entitlement(plan.entitlement)
  if (unaccepted.length > 0) return words.unaccepted
  return isBusy ? words.running : undefined
}

function Done({ plan }: { plan: InstallPlan }) {
  return (
    <Card>
      <p role="status" className="flex items-center gap-2 font-medium text-good">
        <CircleCheck size={18} aria-hidden />
        {words.completed(plan.change, plan.name)}
      </p>
      <p className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <Link to="/deployments" search={{ q: plan.name }} className="rounded text-accent underline">
          {words.deployments}
        </Link>
        <Link to="/market" search={{ tab: 'installed' }} className="rounded text-accent underline">
          {words.all}
        </Link>
      </p>
    </Card>
  )
}
