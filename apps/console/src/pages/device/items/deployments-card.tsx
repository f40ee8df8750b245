/** Deployments card: the deployments that pick the device, and on request the reason why another one does not. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { rejectedVersion, wantedName } from '@skerry/core/rollouts/views/rejected-version'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { queries } from '../../../hub/queries.ts'
import { deviceQueries } from '../device-queries.ts'
import { deviceWords as words } from '../english-device.ts'
import { Explanation, WhyDisclosure } from './explanation.tsx'

export function DeploymentsCard({ device }: { device: DeviceDetail }) {
  const { data, error, refetch } = useQuery(deviceQueries.deployments(device))
  const { data: all = [] } = useQuery(queries.deployments())
  const picked = new Set(data?.map(({ name }) => name))
  const others = all.map(({ name }) => name).filter((name) => !picked.has(name))
  return (
    <Card title={words.deployments} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={2} />}
      {data?.length === 0 && (
        <p className="px-4 py-3 text-sm text-soft">
          {words.noDeployments} {others.length > 0 && words.noDeploymentsHint}
        </p>
      )}
      <ul className="divide-y divide-line">
        {data?.map((deployment) => (
          <li key={deployment.name} className="flex flex-col gap-2 px-4 py-2.5 text-sm">
            <WhyDisclosure device={device} deployment={deployment.name}>
              <Picking deployment={deployment} />
            </WhyDisclosure>
          </li>
        ))}
      </ul>
      {others.length > 0 && <OtherQuestion device={device} others={others} />}
    </Card>
  )
}

/** The wanted version. After a rollback the newest revision names another one. */
function Picking({ deployment }: { deployment: Deployment }) {
  const { name, revision, rolloutId } = deployment
  return (
    <div className="min-w-0">
      <Link
        to="/deployments/$deployment"
        params={{ deployment: name }}
        className="block truncate rounded leading-7 font-medium hover:text-accent hover:underline"
      >
        {name}
      </Link>
      <p className="truncate text-xs leading-7 text-soft">
        {wantedName(deployment)} ·{' '}
        <Link
          to="/rollouts/$rollout"
          params={{ rollout: rolloutId }}
          className="inline-block rounded leading-7 text-accent underline-offset-2 hover:underline"
        >
          {rejectedVersion(deployment) ? words.rejectedRollout(revision) : words.rollout(revision)}
        </Link>
      </p>
    </div>
  )
}

function OtherQuestion({ device, others }: { device: DeviceDetail; others: readonly string[] }) {
  const [chosen, setChosen] = useState('')
  return (
    <div className="flex flex-col gap-2 border-t border-line px-4 py-3">
      <Field label={words.askOther}>
        {(control) => (
          <Select {...control} value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value="">{words.askOtherNone}</option>
            {others.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
      </Field>
      {others.includes(chosen) && <Explanation device={device} deployment={chosen} />}
    </div>
  )
}
