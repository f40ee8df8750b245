/** Rollouts in flight: each with how far it has come. */
import type { Status } from '@skerry/contract/api/hub-procedures'
import { Link } from '@tanstack/react-router'
import { Waypoints } from 'lucide-react'
import { RolloutBadge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'
import { OutcomeBar, sumOutcomes } from '../../components/outcome-bar.tsx'
import { Empty, Loading } from '../../components/page-state.tsx'
import { texts } from '../../texts/english.ts'

/** The card; `status` is on its way where it is absent. */
export function RolloutsInFlight({ status }: { status: Status | undefined }) {
  const all = (
    <Link to="/rollouts" className="rounded text-xs font-medium text-accent hover:underline">
      {texts.overview.allRollouts}
    </Link>
  )
  return (
    <Card title={texts.overview.rollouts} aside={all} isFlush className="flex-1">
      {status === undefined && <Loading />}
      {status?.rollouts.length === 0 && (
        <Empty icon={Waypoints} title={texts.overview.noRollouts} hint={texts.overview.noRolloutsHint} />
      )}
      <ul className="divide-y divide-line">
        {status?.rollouts.map((rollout) => (
          <li key={rollout.id}>
            <Link
              to="/rollouts/$rollout"
              params={{ rollout: rollout.id }}
              className="flex flex-col gap-2 px-4 py-3 hover:bg-raised"
            >
              <span className="flex items-center justify-between gap-3">
                <span className="min-w-0 truncate text-sm font-medium">
                  {rollout.deployment}
                  <span className="ml-2 font-normal text-soft">
                    {texts.rollouts.to(rollout.model, rollout.version)}
                  </span>
                </span>
                <RolloutBadge status={rollout.status} />
              </span>
              <OutcomeBar counts={sumOutcomes(rollout.waves)} />
              <span className="text-xs text-soft">
                {texts.overview.wave(rollout.wave + 1, rollout.waves.length)}
                {rollout.reason !== undefined && ` · ${rollout.reason}`}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  )
}
