/** Flow: its newest version as a graph, the deployments that use it, its devices, and a trial with a recording. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { Model, VersionDetail } from '@skerry/contract/models/model'
import { wantedAndRunningWords } from '@skerry/core/rollouts/views/rollout-words'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Upload } from 'lucide-react'
import { Card, Page } from '../../components/card.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { detailOf } from '../../kinds/of-kind.ts'
import { AliasTags } from '../models/alias-tags.tsx'
import { BUTTON_LINK } from '../models/button-link.ts'
import { FlowNeedsCard } from '../models/version/flow-cards.tsx'
import { FlowGraphCard } from '../models/version/flow-graph-card.tsx'
import { flowPageTexts as words } from './english-flow-pages.ts'
import { FlowDevices } from './flow-devices.tsx'
import { ReplayCard } from './replay/replay-card.tsx'

const back = { to: '/flows', text: words.title } as const

const runningOf = (facts: Parameters<typeof wantedAndRunningWords>[0]) => wantedAndRunningWords(facts)?.running

/** Renders the page at /flows/NAME. */
export function FlowPage() {
  const { flow: name } = useParams({ from: '/inside/flows/$flow' })
  const model = useQuery(queries.model(name))
  const deployments = useQuery(queries.deployments())
  const newest = model.data?.deployable.latestVersion
  const version = useQuery({ ...queries.version(name, String(newest)), enabled: newest !== undefined })
  const failed = [model, deployments, version].find(({ error }) => error !== null)
  if (!model.data || !deployments.data || !version.data)
    return (
      <Page title={name} back={back}>
        <Card>
          {failed ? <Failure error={failed.error} onRetry={() => void failed.refetch()} /> : <Loading rows={8} />}
        </Card>
      </Page>
    )
  const asking = deployments.data.filter(({ spec }) => spec.deployable === name)
  return <Known model={model.data.deployable} version={version.data} deployments={asking} />
}

type KnownProps = { model: Model; version: VersionDetail; deployments: readonly Deployment[] }

function Known({ model: { name, aliases }, version, deployments }: KnownProps) {
  const flow = detailOf('flow', version)?.flow
  return (
    <Page
      title={name}
      back={back}
      beside={Object.keys(aliases).length > 0 && <AliasTags aliases={aliases} />}
      lead={
        <>
          <Link
            to="/models/$model/versions/$version"
            params={{ model: name, version: String(version.version) }}
            className="rounded hover:text-text hover:underline"
          >
            {words.version(version.version)}
          </Link>
          <span aria-hidden>·</span>
          <Instant ms={version.createdAtMs} />
        </>
      }
      actions={
        <>
          <DeployButton search={{ model: name }} look="plain" />
          <Link to="/flows/upload" className={BUTTON_LINK.primary}>
            <Upload size={15} aria-hidden />
            {words.newVersion}
          </Link>
        </>
      }
    >
      {flow && <FlowGraphCard flow={flow} />}
      <FlowDevices
        flow={name}
        tellsHub={flow?.sinks.some(({ kind }) => kind === 'hub') ?? false}
        deployments={deployments}
      />
      <ReplayCard key={version.version} version={version} />
      <div className="grid items-start gap-4 xl:grid-cols-2">
        {flow && <FlowNeedsCard flow={flow} goldenCases={version.goldenCases} />}
        <DeploymentsCard deployments={deployments} />
      </div>
    </Page>
  )
}

/** One page of a list. The list itself has all. */
const DEPLOYMENTS_SHOWN = 10

const DeploymentsCard = ({ deployments }: { deployments: readonly Deployment[] }) => (
  <Card title={words.deployments.title} isFlush>
    {deployments.length === 0 && <p className="p-4 text-sm text-soft">{words.deployments.none}</p>}
    <ul className="divide-y divide-line">
      {deployments.slice(0, DEPLOYMENTS_SHOWN).map(({ id, name, spec, version, devices, rolloutStatus, ...counts }) => (
        <li key={id}>
          <Link
            to="/deployments/$deployment"
            params={{ deployment: name }}
            className="flex items-center justify-between gap-3 px-4 py-3 text-sm hover:bg-raised"
          >
            <span className="min-w-0">
              <span className="font-medium">{name}</span>{' '}
              <span className="text-soft">
                {words.version(version)},{' '}
                {runningOf({ version, ...counts }) ?? words.healthy(devices.healthy, devices.total)}
              </span>
              <code className="mt-0.5 block truncate font-mono text-xs text-soft">{spec.selector}</code>
            </span>
            <RolloutBadge status={rolloutStatus} />
          </Link>
        </li>
      ))}
    </ul>
    {deployments.length > DEPLOYMENTS_SHOWN && (
      <p className="border-t border-line px-4 py-2 text-xs text-soft">
        {words.deployments.more(deployments.length - DEPLOYMENTS_SHOWN)}
      </p>
    )}
  </Card>
)
