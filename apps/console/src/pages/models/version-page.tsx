/** Version: its inputs and outputs, its files, and the devices that run it now. */
import type { VersionDetail } from '@skerry/contract/models/model'
import {
  deploymentsOfVersion,
  failedDevices,
  rejectionsOfVersion,
  runningDevices,
} from '@skerry/core/rollouts/views/version-users'
import { runningOnWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { Suspense } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { Copyable, shortDigest } from '../../components/facts/copyable.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { kindRow } from '../../kinds/kinds.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from './alias-tags.tsx'
import { modelTexts } from './english-models.ts'
import { FilesCard } from './version/files-card.tsx'
import { LineageCard } from './version/lineage-card.tsx'
import { Rejection } from './version/rejection.tsx'
import { ServingCard } from './version/serving-card.tsx'
import { SignatureCard } from './version/signature-card.tsx'
import { TestsCard } from './version/tests-card.tsx'
import { VersionActions } from './version-actions.tsx'
import { FactsCard } from './version-facts.tsx'

const words = texts.version

/** Renders the page at /models/NAME/versions/NUMBER. */
export function VersionPage() {
  const { model, version } = useParams({ from: '/inside/models/$model/versions/$version' })
  const { data, error, refetch } = useQuery(queries.version(model, version))
  const title = `${model}:${version}`
  return (
    <Page
      title={title}
      back={(data && kindRow(data.kind).list) ?? { to: '/models', text: texts.model.back }}
      beside={data && data.aliases.length > 0 && <AliasTags aliases={data.aliases} />}
      actions={data && <VersionActions version={data} />}
      lead={
        <>
          <Link to="/models/$model" params={{ model }} className="rounded hover:text-text hover:underline">
            {model}
          </Link>
          <ChevronRight size={14} aria-hidden />
          {texts.models.version(Number(version))}
          {data && <Copyable value={data.digest} shown={shortDigest(data.digest)} what={words.digest} />}
        </>
      }
    >
      {error ? (
        <Card>
          <Failure error={error} onRetry={() => void refetch()} />
        </Card>
      ) : null}
      {!data && !error && <LoadingCard />}
      {data && (
        <Suspense fallback={<LoadingCard />}>
          <VersionView version={data} />
        </Suspense>
      )}
    </Page>
  )
}

const LoadingCard = () => (
  <Card>
    <Loading rows={8} />
  </Card>
)

function VersionView({ version }: { version: VersionDetail }) {
  const { Picture, Content, Proof, Needs, Makeup, BuildsCard } = kindRow(version.kind)
  return (
    <>
      {Picture && <Picture version={version} />}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(20rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <ServingCard version={version} />
          {Content && <Content version={version} />}
          <LineageCard version={version} />
          <TestsCard version={version} />
          {Proof && <Proof version={version} />}
          <FilesCard version={version} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <FactsCard version={version} />
          {Needs && <Needs version={version} />}
          {BuildsCard && <BuildsCard version={version} />}
          <UsedBy version={version} />
          <SignatureCard version={version} />
          {Makeup && <Makeup version={version} />}
        </div>
      </div>
    </>
  )
}

/** Deployments that offer or run the version. The rollout is shown if it is one of this version. */
function UsedBy({ version }: { version: VersionDetail }) {
  const deployments = useQuery(queries.deployments())
  const rollouts = useQuery(queries.rollouts())
  const using = deployments.data && deploymentsOfVersion(deployments.data, version)
  const rejections = rejectionsOfVersion(deployments.data ?? [], version).filter((each) => !using?.includes(each))
  const reasonOf = (id: string) => rollouts.data?.find((rollout) => rollout.id === id)?.reason
  const statusOf = (id: string) => rollouts.data?.find((rollout) => rollout.id === id)?.status
  return (
    <Card title={words.usedBy} isFlush>
      {using?.length === 0 && <p className="p-4 text-sm text-soft">{words.noDeployment}</p>}
      <ul className="divide-y divide-line">
        {rejections.map((deployment) => (
          <Rejection key={deployment.id} deployment={deployment} reason={reasonOf(deployment.rolloutId)} />
        ))}
        {using?.map((deployment) => {
          const { id, name, rolloutId, spec } = deployment
          const isOfVersion = deployment.version === version.version
          const status = isOfVersion ? statusOf(rolloutId) : undefined
          const devices = runningDevices(deployment, version.version)
          const failed = failedDevices(deployment, version.version)
          return (
            <li key={id}>
              <Link
                {...(isOfVersion
                  ? { to: '/rollouts/$rollout', params: { rollout: rolloutId } }
                  : { to: '/deployments/$deployment', params: { deployment: name } })}
                className="flex items-center justify-between gap-3 px-4 py-3 text-sm hover:bg-raised"
              >
                <span className="min-w-0">
                  <span className="font-medium">{name}</span>{' '}
                  {devices !== undefined && (
                    <span className="text-soft">
                      {modelTexts.running.runningOn(runningOnWords(devices, texts.common.number))}
                    </span>
                  )}
                  {failed > 0 && <span className="text-bad">{modelTexts.running.failedOn(failed)}</span>}
                  <code className="mt-0.5 block truncate font-mono text-xs text-soft">{spec.selector}</code>
                </span>
                {status && <RolloutBadge status={status} />}
              </Link>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
