/** Rollouts in flight: the active rollouts with their progress. */
import type { Status } from '@skerry/contract/api/hub-procedures'
import { allShownCounts, wantedAndRunningWords } from '@skerry/core/rollouts/views/rollout-words'
import { Link } from '@tanstack/react-router'
import { Waypoints } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Empty, Loading } from '../../components/page-state.tsx'
import { RolloutRow } from '../../components/rows/rollout-row.tsx'
import { texts } from '../../texts/english.ts'

const runningOf = (rollout: Status['rollouts'][number]) => {
  const running = wantedAndRunningWords(rollout, texts.common.number)?.running
  return running && ` · ${texts.versionFacts.running.toLowerCase()} ${running}`
}

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
            {runningOf(rollout)}
            {rollout.reason !== undefined && ` · ${rollout.reason}`}
          </RolloutRow>
        ))}
      </ul>
    </Card>
  )
}
