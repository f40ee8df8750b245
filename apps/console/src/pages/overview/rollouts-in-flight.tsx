/** Rollouts in flight: each with how far it has come. */
import type { Status } from '@skerry/contract/api/hub-procedures'
import { Link } from '@tanstack/react-router'
import { Waypoints } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { sumOutcomes } from '../../components/charts/outcome-bar.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Empty, Loading } from '../../components/page-state.tsx'
import { RolloutRow } from '../../components/rows/rollout-row.tsx'
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
        <Empty
          icon={Waypoints}
          title={texts.overview.noRollouts}
          hint={texts.overview.noRolloutsHint}
          action={<DeployButton look="plain" />}
        />
      )}
      <ul className="divide-y divide-line">
        {status?.rollouts.map((rollout) => (
          <RolloutRow key={rollout.id} rollout={rollout} counts={sumOutcomes(rollout.waves)}>
            {texts.overview.wave(rollout.wave + 1, rollout.waves.length)}
            {rollout.reason !== undefined && ` · ${rollout.reason}`}
          </RolloutRow>
        ))}
      </ul>
    </Card>
  )
}
