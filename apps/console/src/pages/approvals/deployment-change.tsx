/** Deployment change: the requested deployment compared with the current one, and the plan of the hub. */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { deploymentWords } from '@skerry/core/deployments/deployment-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { PlanCard } from '../deploy/plan-card.tsx'
import { SpecChanges } from '../deploy/spec-changes.tsx'
import { RollbackChange } from '../deployments/rollback/rollback-change.tsx'
import type { ChangeProps } from './asked-change.tsx'
import { approvalsTexts } from './english-approvals.ts'
import { textOf } from './input-text.ts'

const words = approvalsTexts.deployment

/** Shows the change of a `deployment.apply` request. */
export function DeploymentChange({ input, isOpen }: ChangeProps) {
  const { ifRevision: _, ...wish } = input
  const spec = DeploymentSpec.safeParse(wish).data
  if (!spec) return <p className="text-sm text-soft">{words.unreadable}</p>
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm wrap-anywhere">{deploymentWords(spec)}</p>
      {isOpen && <Comparison spec={spec} />}
      {isOpen && <PlanCard spec={spec} />}
    </div>
  )
}

function Comparison({ spec }: { spec: DeploymentSpec }) {
  const { data, error } = useQuery(queries.deployments())
  if (!data) return error ? <Failure error={error} /> : <Loading rows={2} />
  const now = data.find(({ name }) => name === spec.name)
  if (!now) return <p className="text-sm text-soft">{words.first}</p>
  return (
    <div className="card overflow-hidden">
      <SpecChanges before={now.spec} after={spec} />
    </div>
  )
}

/** Shows the change of a `deployment.rollback` request. */
export function DeploymentRollback({ input, isOpen }: ChangeProps) {
  const to = Number(input.to)
  return (
    <RollbackChange deployment={textOf(input.deployment)} to={Number.isInteger(to) ? to : undefined} isOpen={isOpen} />
  )
}

/** Shows the change of a `deployment.remove` request. */
export function DeploymentRemoval({ input, isOpen }: ChangeProps) {
  const name = textOf(input.deployment)
  const { data } = useQuery({ ...queries.deployments(), enabled: isOpen })
  const now = data?.find((each) => each.name === name)
  return (
    <div className="flex flex-col gap-1 text-sm">
      <p>{words.removed}</p>
      {now && (
        <p>
          {words.devices(now.devices.total)}{' '}
          <Link
            to="/deployments/$deployment"
            params={{ deployment: name }}
            className="rounded text-accent hover:underline"
          >
            {words.open}
          </Link>
        </p>
      )}
    </div>
  )
}
