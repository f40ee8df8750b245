/** Revisions card: the earlier revisions of a deployment, the changes since each, and the way to restore one. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { DeploymentRevision } from '@skerry/contract/deployments/deployment-revision'
import { rejectedVersion, revisionName } from '@skerry/core/rollouts/views/rejected-version'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Select } from '../../components/fields.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { deployQueries } from '../deploy/deploy-queries.ts'
import { SpecChanges } from '../deploy/spec-changes.tsx'
import { deploymentsTexts as words } from './english-deployments.ts'
import { rollbackTexts } from './rollback/english-rollback.ts'
import { RollbackButton } from './rollback/rollback-button.tsx'

const columns = words.revisionColumns

export function RevisionsCard({ deployment }: { deployment: Deployment }) {
  const { data, error, refetch } = useQuery(deployQueries.revisions(deployment.name))
  const [compared, setCompared] = useState<number>()
  return (
    <Card title={words.revisions} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={3} />}
      {data && (
        <PlainTable
          label={words.revisions}
          headers={[columns.revision, columns.runs, columns.rollout, columns.by, columns.when, columns.actions]}
          rows={data.map((revision) => ({
            key: String(revision.revision),
            cells: cellsOf(revision, deployment, setCompared),
          }))}
        />
      )}
      {data && compared !== undefined && (
        <Comparison revisions={data} from={compared} to={deployment.revision} onClose={() => setCompared(undefined)} />
      )}
    </Card>
  )
}

function cellsOf(
  { revision, spec, version, recipe, rollout, appliedBy, rollbackTo }: DeploymentRevision,
  deployment: Deployment,
  compare: (revision: number) => void,
) {
  const isNow = revision === deployment.revision
  const isRejected = isNow && rejectedVersion(deployment) !== undefined
  const name = revisionName({ spec, version, recipe })
  const isUndone = isRejected || rollout?.status === 'rolled-back'
  return [
    <span key="revision" className="tabular">
      {revision} {isNow && <span className="text-xs text-soft">{isRejected ? words.rejectedNow : words.now}</span>}
    </span>,
    <span key="runs" className="text-soft">
      {isUndone ? words.askedFor(name) : name}
      {isRejected && <span className="block text-xs text-warn">{words.runsNowhere}</span>}
      {rollbackTo !== undefined && (
        <span className="block text-xs whitespace-nowrap">{rollbackTexts.rollbackTo(rollbackTo)}</span>
      )}
    </span>,
    rollout && (
      <Link key="rollout" to="/rollouts/$rollout" params={{ rollout: rollout.id }} className="rounded hover:underline">
        <RolloutBadge status={rollout.status} isPlain />
      </Link>
    ),
    <span key="by" className={appliedBy === undefined ? 'text-faint' : undefined}>
      {appliedBy ?? words.unknownAuthor}
    </span>,
    rollout && <Instant key="when" ms={rollout.startedAtMs} />,
    isNow ? null : (
      <span key="actions" className="inline-flex gap-1.5">
        <Button isSmall aria-label={words.compareLabel(revision)} onClick={() => compare(revision)}>
          {words.compare}
        </Button>
        <RollbackButton isSmall deployment={deployment.name} to={revision} label={rollbackTexts.buttonTo(revision)} />
      </span>
    ),
  ]
}

type ComparisonProps = { revisions: readonly DeploymentRevision[]; from: number; to: number; onClose: () => void }

/** The differences of any two revisions. */
function Comparison({ revisions, from, to, onClose }: ComparisonProps) {
  const [pair, setPair] = useState({ from, to })
  const [before, after] = [pair.from, pair.to].map((number) => revisions.find(({ revision }) => revision === number))
  const select = (key: 'from' | 'to', label: string) => (
    <span className="flex items-center gap-2 text-sm">
      {label}
      <Select
        aria-label={label}
        className="h-8 w-24"
        value={String(pair[key])}
        onChange={(event) => setPair({ ...pair, [key]: Number(event.target.value) })}
      >
        {revisions.map(({ revision }) => (
          <option key={revision} value={String(revision)}>
            {revision}
          </option>
        ))}
      </Select>
    </span>
  )
  return (
    <Dialog isOpen isWide onClose={onClose} title={words.compareTitle(pair.from, pair.to)}>
      <div className="mb-3 flex flex-wrap gap-4">
        {select('from', words.compareFrom)}
        {select('to', words.compareTo)}
      </div>
      {before && after && (
        <SpecChanges before={before.spec} after={after.spec} moved={{ from: before.version, to: after.version }} />
      )}
    </Dialog>
  )
}
