/** Model deployments: the deployments that name a model, each with its running versions and the state of its rollout. */
import { runningWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../../components/card.tsx'
import { RolloutBadge } from '../../../components/facts/badge.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { queries } from '../../../hub/queries.ts'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'

export function ModelDeployments({ model }: { model: string }) {
  const { data, error, refetch } = useQuery(queries.deployments())
  const rollouts = useQuery(queries.rollouts())
  const using = data?.filter(({ spec }) => spec.deployable === model)
  return (
    <Card title={texts.version.usedBy} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={2} />}
      {using?.length === 0 && <p className="p-4 text-sm text-soft">{modelTexts.running.noDeployment}</p>}
      <ul className="divide-y divide-line">
        {using?.map((deployment) => {
          const { id, name, rolloutId, spec, version } = deployment
          const status = rollouts.data?.find((rollout) => rollout.id === rolloutId)?.status
          return (
            <li key={id}>
              <Link
                to="/deployments/$deployment"
                params={{ deployment: name }}
                className="flex items-center justify-between gap-3 px-4 py-3 text-sm hover:bg-raised"
              >
                <span className="min-w-0">
                  <span className="font-medium">{name}</span>{' '}
                  <span className="text-soft">
                    {runningWords(deployment, texts.common.number) ?? texts.models.version(version)}
                  </span>
                  <code className="mt-0.5 block truncate font-mono text-xs text-soft">{spec.selector}</code>
                </span>
                {status && <RolloutBadge status={status} isPlain />}
              </Link>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
