/** Rejection: a deployment that names a version which no device gets any more, with the reason and its rollout. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { Link } from '@tanstack/react-router'
import { RolloutBadge } from '../../../components/facts/badge.tsx'
import { modelTexts } from '../english-models.ts'

type RejectionProps = { deployment: Deployment; reason: string | undefined }

/** One row of the list of deployments. */
export function Rejection({ deployment: { name, rolloutId, rolloutStatus, revision }, reason }: RejectionProps) {
  return (
    <li>
      <Link
        to="/rollouts/$rollout"
        params={{ rollout: rolloutId }}
        className="flex items-center justify-between gap-3 px-4 py-3 text-sm hover:bg-raised"
      >
        <span className="min-w-0">
          <span className="font-medium">{name}</span>{' '}
          <span className="text-warn">{modelTexts.running.rejected(revision, rolloutStatus === 'aborted')}</span>
          {reason !== undefined && <span className="mt-0.5 block text-xs wrap-anywhere text-soft">{reason}</span>}
        </span>
        <RolloutBadge status={rolloutStatus} />
      </Link>
    </li>
  )
}
