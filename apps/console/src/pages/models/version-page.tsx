/** Version: what it takes and gives, what it is made of, and where it runs now. */
import type { VersionDetail } from '@skerry/contract/model'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { sizeText } from '../../components/amounts.ts'
import { RolloutBadge } from '../../components/badge.tsx'
import { Card, Page } from '../../components/card.tsx'
import { Copyable, shortDigest } from '../../components/copyable.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from './alias-tags.tsx'
import { SignatureTable } from './signature-table.tsx'
import { FactsCard, OperatorsCard } from './version-facts.tsx'

const words = texts.version

/** The page at /models/NAME/versions/NUMBER. */
export function VersionPage() {
  const { model, version } = useParams({ from: '/inside/models/$model/versions/$version' })
  const { data, error, refetch } = useQuery(queries.version(model, version))
  const title = `${model}:${version}`
  return (
    <Page
      title={title}
      back={{ to: '/models', text: texts.model.back }}
      beside={data && data.aliases.length > 0 && <AliasTags aliases={data.aliases} />}
      lead={
        <>
          <Link
            to="/models/$model"
            params={{ model }}
            className="inline-flex items-center rounded hover:text-text hover:underline"
          >
            {model}
            <ChevronRight size={14} aria-hidden />
          </Link>
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
      {!data && !error && (
        <Card>
          <Loading rows={8} />
        </Card>
      )}
      {data && <VersionView version={data} />}
    </Page>
  )
}

function VersionView({ version }: { version: VersionDetail }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(20rem,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Card title={words.signature} isFlush>
          <SignatureTable summary={version.summary} />
        </Card>
        <OperatorsCard summary={version.summary} />
        <Card title={words.files} isFlush>
          <PlainTable
            label={words.files}
            headers={[words.fileColumns.path, words.fileColumns.digest, words.fileColumns.size]}
            rows={version.files.map(({ path, digest, sizeBytes }) => ({
              key: path,
              cells: [
                <code key="path" className="font-mono text-xs">
                  {path}
                </code>,
                <Copyable key="digest" value={digest} shown={shortDigest(digest)} what={words.digest} />,
                sizeText(sizeBytes),
              ],
            }))}
          />
        </Card>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <FactsCard version={version} />
        <UsedBy version={version} />
      </div>
    </div>
  )
}

/** Deployments that ask for the version, with the rollout that took it there. */
function UsedBy({ version }: { version: VersionDetail }) {
  const deployments = useQuery(queries.deployments())
  const rollouts = useQuery(queries.rollouts())
  const using = deployments.data?.filter(
    ({ spec, version: number }) => spec.model === version.model && number === version.version,
  )
  const statusOf = (id: string) => rollouts.data?.find((rollout) => rollout.id === id)?.status
  return (
    <Card
      title={words.usedBy}
      aside={
        <span className="text-xs text-soft tabular">{`${words.running} ${words.runningCount(version.servingCount)}`}</span>
      }
      isFlush
    >
      {using?.length === 0 && <p className="p-4 text-sm text-soft">{words.noDeployment}</p>}
      <ul className="divide-y divide-line">
        {using?.map(({ id, name, rolloutId, spec }) => {
          const status = statusOf(rolloutId)
          return (
            <li key={id}>
              <Link
                to="/rollouts/$rollout"
                params={{ rollout: rolloutId }}
                className="flex items-center justify-between gap-3 px-4 py-3 text-sm hover:bg-raised"
              >
                <span className="min-w-0">
                  <span className="font-medium">{name}</span>
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
