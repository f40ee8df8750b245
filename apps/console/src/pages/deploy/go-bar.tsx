/** Go bar: the button that everything before led to, with what it hits. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { Digest } from '@skerry/contract/values/digest'
import { useQuery } from '@tanstack/react-query'
import { Rocket } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { useMissing } from '../../hub/permission.ts'
import { deployQueries } from './deploy-queries.ts'
import { isSeen } from './draft/seen-leaves.ts'
import type { Go } from './draft/use-go.ts'
import { deployTexts } from './english-deploy.ts'

const words = deployTexts.review

/** The bar. */
export function GoBar({ spec, go, isConflict }: { spec: DeploymentSpec; go: Go; isConflict: boolean }) {
  const { data: plan, isPlaceholderData } = useQuery(deployQueries.plan(spec))
  const [seen, setSeen] = useState<Digest | undefined>(undefined)
  const leaves = plan?.leaves
  const devices = plan?.waves.reduce((sum, { count }) => sum + count, 0) ?? 0
  const blocked =
    blockedBy({ isConflict, isNone: plan?.change === 'none', isPlanned: plan !== undefined && !isPlaceholderData }) ??
    (isSeen(leaves, seen) ? undefined : words.unseen)
  const missing = useMissing('deployment.write')
  const why = missing ?? blocked
  return (
    <div className="card flex flex-wrap items-center justify-end gap-x-4 gap-y-2 p-4">
      {go.error !== undefined && (
        <p role="alert" className="min-w-0 flex-1 text-sm wrap-anywhere text-bad">
          {go.error}
        </p>
      )}
      {leaves?.digest !== undefined && (
        <label className="flex w-full items-start justify-end gap-2 text-sm text-warn">
          <input
            type="checkbox"
            className="mt-1"
            checked={seen === leaves.digest}
            onChange={({ target }) => setSeen(target.checked ? leaves.digest : undefined)}
          />
          {words.seen(leaves.count)}
        </label>
      )}
      {/* What everything led to says its reason where it stands, and not only when it is pointed at. */}
      {why !== undefined && <p className="min-w-0 text-sm wrap-anywhere text-soft">{why}</p>}
      <GuardedButton
        permission="deployment.write"
        look="primary"
        blocked={go.isBusy ? words.going : blocked}
        onClick={() => go.run(seen)}
        className="h-10 px-5"
      >
        <Rocket size={16} aria-hidden />
        {words.go(devices)}
      </GuardedButton>
    </div>
  )
}

type Standing = { isConflict: boolean; isNone: boolean; isPlanned: boolean }

function blockedBy({ isConflict, isNone, isPlanned }: Standing): string | undefined {
  if (isConflict) return deployTexts.conflict.first
  if (isNone) return words.nothing
  return isPlanned ? undefined : words.planning
}
