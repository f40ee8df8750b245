/** Rollouts card: the rollouts of a deployment's revisions. */
import { lateShownCounts, waveShownCounts } from '@skerry/core/rollouts/views/outcome-words'
import { silentWords } from '@skerry/core/rollouts/views/silent-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { OutcomeBar, outcomeText } from '../../components/charts/outcome-bar.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { texts } from '../../texts/english.ts'
import { deployQueries } from '../deploy/deploy-queries.ts'
import { deploymentsTexts as words } from './english-deployments.ts'

export function RolloutsCard({ name }: { name: string }) {
  const { data, error, refetch } = useQuery(deployQueries.rollouts(name))
  return (
    <Card title={words.rollouts} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={3} />}
      <ul className="divide-y divide-line">
        {data?.map((rollout) => {
          const { id, revision, deployable: model, version, status, pausedBy, changedAtMs } = rollout
          const counts = waveShownCounts(rollout)
          const late = lateShownCounts(rollout)
          return (
            <li key={id}>
              <Link
                to="/rollouts/$rollout"
                params={{ rollout: id }}
                className="grid grid-cols-[minmax(0,1fr)_8rem] items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm hover:bg-raised"
              >
                <span className="min-w-0 truncate font-medium">
                  {words.revision(revision)}{' '}
                  <span className="font-normal text-soft">{texts.rollouts.to(model, version)}</span>
                </span>
                <span className="text-right">
                  <RolloutBadge status={status} pausedBy={pausedBy} isPlain />
                </span>
                <span className="flex items-center gap-3 text-xs text-soft">
                  <OutcomeBar counts={counts} className="w-24 shrink-0" />
                  <span className="min-w-0 wrap-anywhere">
                    {outcomeText(counts) || texts.common.none}
                    {late && `; ${texts.rollouts.joinedLater(outcomeText(late))}`}
                    {rollout.silent && (
                      <span className="text-warn">, {silentWords(rollout.silent, texts.common.number)}</span>
                    )}
                  </span>
                </span>
                <span className="text-right text-xs text-soft">
                  <Instant ms={changedAtMs} />
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
