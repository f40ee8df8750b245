/** Rollout row: a rollout in the list of a card, with the outcomes of its devices. */
import type { OutcomeCounts, Rollout } from '@skerry/contract/rollouts/rollout'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { texts } from '../../texts/english.ts'
import { OutcomeBar } from '../charts/outcome-bar.tsx'
import { RolloutBadge } from '../facts/badge.tsx'

type RolloutRowProps = {
  rollout: Pick<Rollout, 'id' | 'deployment' | 'deployable' | 'version' | 'status' | 'pausedBy'>
  counts: OutcomeCounts
  /** The content below the bar. */
  children: ReactNode
}

/** The row, which leads to the rollout. */
export const RolloutRow = ({ rollout, counts, children }: RolloutRowProps) => (
  <li>
    <Link
      to="/rollouts/$rollout"
      params={{ rollout: rollout.id }}
      className="flex flex-col gap-2 px-4 py-3 hover:bg-raised"
    >
      <span className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate text-sm font-medium">
          {rollout.deployment}
          <span className="ml-2 font-normal text-soft">{texts.rollouts.to(rollout.deployable, rollout.version)}</span>
        </span>
        <RolloutBadge status={rollout.status} pausedBy={rollout.pausedBy} />
      </span>
      <OutcomeBar counts={counts} />
      <span className="text-xs text-soft">{children}</span>
    </Link>
  </li>
)
