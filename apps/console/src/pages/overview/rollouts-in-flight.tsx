/** Rollouts in flight: the active rollouts with their progress. */
import type { Status } from '@skerry/contract/api/hub-procedures'
import { allShownCounts } from '@skerry/core/rollouts/views/outcome-words'
import { silentWords } from '@skerry/core/rollouts/views/silent-words'
import { runningWords } from '@skerry/core/rollouts/views/version-words'
import { Link } from '@tanstack/react-router'
import { Waypoints } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Empty, Loading } from '../../components/page-state.tsx'
import { RolloutRow } from '../../components/rows/rollout-row.tsx'
import { texts } from '../../texts/english.ts'

/** The card. An absent `status` is still loading. */
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
          <RolloutRow key={rollout.id} rollout={rollout} counts={allShownCounts(rollout)}>
            {texts.overview.wave(rollout.wave + 1, rollout.waves.length)}
            {rollout.running && ` · ${texts.overview.running} ${runningWords(rollout, texts.common.number)}`}
            {rollout.silent && ` · ${silentWords(rollout.silent, texts.common.number)}`}
            {rollout.reason !== undefined && ` · ${rollout.reason}`}
          </RolloutRow>
        ))}
      </ul>
    </Card>
  )
}
