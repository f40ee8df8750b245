/** Deployments: all of them, with their targets, the state of the newest rollout, and conflicts. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { deploymentLanguage } from '@skerry/core/language/row-language'
import { rejectedVersion, wantedName } from '@skerry/core/rollouts/views/rejected-version'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { GitBranch, Rocket } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { FailureTooltip } from '../../components/facts/rollout-failures.tsx'
import { RunningText, WantedText } from '../../components/facts/version-facts.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { queries } from '../../hub/queries.ts'
import { deploymentsTexts as words } from './english-deployments.ts'

/** Renders the page at /deployments. */
export function DeploymentsPage() {
  const navigate = useNavigate({ from: '/deployments' })
  return (
    <ListPage
      words={words}
      query={useQuery(queries.deployments())}
      columns={columns}
      rowKey={({ id }) => id}
      language={deploymentLanguage}
      icon={Rocket}
      defaultSort="name"
      actions={
        <>
          <Button onClick={() => void navigate({ to: '/git-sources' })}>
            <GitBranch size={15} aria-hidden />
            {words.gitSources}
          </Button>
          <DeployButton />
        </>
      }
    />
  )
}

/** The wanted version, and the version of the spec if no device is offered it. */
function VersionCell({ deployment }: { deployment: Deployment }) {
  const rejected = rejectedVersion(deployment)
  const name = <span className="truncate text-soft">{wantedName(deployment)}</span>
  if (!rejected) return name
  return (
    <Tooltip text={rejected.note}>
      <span className="truncate text-soft">
        {rejected.wanted} <span className="text-warn">{words.rejectedShort(deployment.version)}</span>
      </span>
    </Tooltip>
  )
}

/** Columns with a rank disappear in a narrow table, those with the highest rank first. */
const columns: readonly Column<Deployment>[] = [
  {
    id: 'status',
    header: words.columns.status,
    width: '7rem',
    sortValue: ({ rolloutStatus }) => rolloutStatus,
    cell: ({ rolloutId, rolloutStatus, pausedBy, failures }) => (
      <FailureTooltip status={rolloutStatus} failures={failures}>
        <Link to="/rollouts/$rollout" params={{ rollout: rolloutId }} className="rounded hover:underline">
          <RolloutBadge status={rolloutStatus} pausedBy={pausedBy} isPlain />
        </Link>
      </FailureTooltip>
    ),
  },
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(9rem, 1.5fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => (
      <Link
        to="/deployments/$deployment"
        params={{ deployment: name }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    id: 'version',
    header: words.columns.version,
    width: 'minmax(7.5rem, 1fr)',
    rank: 2,
    sortValue: ({ spec, version }) => `${spec.deployable} ${version}`,
    cell: (deployment) => <VersionCell deployment={deployment} />,
  },
  {
    id: 'wanted',
    header: words.columns.wanted,
    // Two versions during a rollout need this much.
    width: 'minmax(8.5rem, 1.2fr)',
    rank: 3,
    cell: (deployment) => <WantedText facts={deployment} />,
  },
  {
    id: 'running',
    header: words.columns.running,
    // Silent devices have the longest words.
    width: 'minmax(13rem, 2.5fr)',
    rank: 1,
    // Failures come first, then the deployments that are furthest from their goal.
    sortValue: ({ devices, running }) =>
      running?.failed ? -running.failed : devices.total === 0 ? 1 : devices.healthy / devices.total,
    cell: (deployment) => (
      <RunningText facts={deployment} otherwise={words.healthy(deployment.devices.healthy, deployment.devices.total)} />
    ),
  },
  {
    id: 'selector',
    header: words.columns.selector,
    width: 'minmax(8rem, 2fr)',
    rank: 6,
    sortValue: ({ spec }) => spec.selector,
    cell: ({ spec }) =>
      spec.selector === 'true' ? (
        <span className="text-soft">{words.everybody}</span>
      ) : (
        <code className="font-mono text-xs text-soft" title={spec.selector}>
          {spec.selector}
        </code>
      ),
  },
  {
    id: 'revision',
    header: words.columns.revision,
    width: '4.5rem',
    rank: 7,
    isRight: true,
    sortValue: ({ revision }) => revision,
    cell: ({ revision, stableRevision }) => (
      <Tooltip text={words.stable(stableRevision)}>
        <span>
          {revision}
          {stableRevision !== undefined && stableRevision !== revision && (
            <span className="text-faint"> ({stableRevision})</span>
          )}
        </span>
      </Tooltip>
    ),
  },
  {
    id: 'conflicts',
    header: words.columns.conflicts,
    width: '5rem',
    rank: 4,
    isRight: true,
    sortValue: ({ conflicts }) => conflicts,
    cell: ({ conflicts }) => (
      <span className={conflicts > 0 ? 'font-medium text-warn' : 'text-faint'}>{conflicts}</span>
    ),
  },
  {
    id: 'changed',
    header: words.columns.changed,
    width: '6rem',
    rank: 5,
    isRight: true,
    sortValue: ({ changedAtMs }) => -changedAtMs,
    cell: ({ changedAtMs }) => (
      <span className="text-soft">
        <Instant ms={changedAtMs} />
      </span>
    ),
  },
]
