/** Deployment: its spec, its state, its earlier revisions, and the rival deployments that keep devices from it. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { rejectedVersion, revisionName } from '@skerry/core/rollouts/views/rejected-version'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Card, Facts, Page } from '../../components/card.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { RolloutFailures } from '../../components/facts/rollout-failures.tsx'
import { VersionFacts } from '../../components/facts/version-facts.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { deployQueries } from '../deploy/deploy-queries.ts'
import { SpecForms, SpecWords } from '../deploy/draft/spec-forms.tsx'
import { PlacementCard } from '../places/placement-card.tsx'
import { RouteLine } from '../routes/route-line.tsx'
import { ScalingCard } from '../scaling/scaling-card.tsx'
import { ConflictsCard } from './conflicts-card.tsx'
import { DeploymentActions } from './deployment-actions.tsx'
import { deploymentsTexts as words } from './english-deployments.ts'
import { ExplainCard } from './explain-card.tsx'
import { FormsCard } from './forms-card.tsx'
import { RejectedNotice } from './rejected-notice.tsx'
import { RevisionsCard } from './revisions-card.tsx'
import { RolloutsCard } from './rollouts-card.tsx'

const back = { to: '/deployments', text: words.back } as const

/** Renders the page at /deployments/NAME. */
export function DeploymentPage() {
  const { deployment: name } = useParams({ from: '/inside/deployments/$deployment' })
  const { data, error, refetch } = useQuery(deployQueries.deployment(name))
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  return (
    <Page
      title={name}
      back={back}
      beside={<RolloutBadge status={data.rolloutStatus} pausedBy={data.pausedBy} />}
      lead={<Lead deployment={data} />}
      actions={<DeploymentActions deployment={data} />}
    >
      <RouteLine model={data.spec.deployable} />
      <VersionFacts {...data} />
      <RejectedNotice deployment={data} />
      <RolloutFailures
        deployment={name}
        status={data.rolloutStatus}
        failures={data.failures}
        revision={data.revision}
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.6fr)_minmax(20rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Card title={words.words}>
            <EarlyEnd deployment={data} />
            <SpecWords
              spec={data.spec}
              version={data.version}
              isRejected={rejectedVersion(data) !== undefined}
              rollbackTo={data.rollbackTo}
            />
          </Card>
          {data.spec.placement && <PlacementCard deployment={name} />}
          {(data.spec.serving.scaling || data.spec.placement?.scaling) && <ScalingCard deployment={name} />}
          <RevisionsCard deployment={data} />
          <RolloutsCard name={name} />
          <ConflictsCard deployment={data} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <FactsCard deployment={data} />
          {data.forms && data.forms.length > 0 && <FormsCard deployment={data} forms={data.forms} />}
          <ExplainCard deployment={name} />
          <SpecForms spec={data.spec} existing={undefined} caution={rejectedVersion(data)?.note} />
        </div>
      </div>
    </Page>
  )
}

/** The words below it describe the revision, which its devices may not run. */
function EarlyEnd({ deployment: { rolloutStatus, revision } }: { deployment: Deployment }) {
  if (rolloutStatus !== 'aborted' && rolloutStatus !== 'rolled-back') return null
  return <p className="mb-2 max-w-prose text-sm text-warn">{words.endedEarly[rolloutStatus](revision)}</p>
}

function Lead({ deployment }: { deployment: Deployment }) {
  const { spec, version, revision, stableRevision } = deployment
  const rejected = rejectedVersion(deployment)
  const linked = rejected ? rejected.wantedVersion : version
  const text = rejected ? words.wanted(rejected.wanted) : revisionName(deployment)
  return (
    <>
      {linked === undefined ? (
        <span className="font-medium text-text">{text}</span>
      ) : (
        <Link
          to="/models/$model/versions/$version"
          params={{ model: spec.deployable, version: String(linked) }}
          className="rounded font-medium text-accent hover:underline"
        >
          {text}
        </Link>
      )}
      <span aria-hidden>·</span>
      {rejected && (
        <>
          <span className="text-warn">{words.stillNames(rejected.named)}</span>
          <span aria-hidden>·</span>
        </>
      )}
      <span>
        {words.revision(revision)}, {words.stable(stableRevision)}
      </span>
    </>
  )
}

const FactsCard = ({ deployment }: { deployment: Deployment }) => (
  <Card title={words.facts}>
    <Facts
      rows={[
        [
          words.factNames.rollout,
          <Link
            key="rollout"
            to="/rollouts/$rollout"
            params={{ rollout: deployment.rolloutId }}
            className="rounded text-accent hover:underline"
          >
            {words.revision(deployment.revision)}
          </Link>,
        ],
        [words.factNames.devices, words.devicesText(deployment.devices.total)],
        [words.factNames.stable, words.stable(deployment.stableRevision)],
        [words.factNames.created, <Instant key="created" ms={deployment.createdAtMs} />],
        [words.factNames.changed, <Instant key="changed" ms={deployment.changedAtMs} />],
        [words.factNames.id, <Copyable key="id" value={deployment.id} what={words.factNames.id} />],
      ]}
    />
  </Card>
)
