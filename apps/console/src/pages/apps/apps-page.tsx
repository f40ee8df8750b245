/** Apps: all of them, each with its newest release, the deployments that use it, and its health. */
import { modelLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Container } from 'lucide-react'
import { useMemo } from 'react'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { queries } from '../../hub/queries.ts'
import { type DeployableRow, rowsOfKind } from '../../kinds/rows-of-kind.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from '../models/alias-tags.tsx'
import { LatestVersion } from '../models/latest-version.tsx'
import { appTexts as words } from './english-apps.ts'

/** Renders the page at /apps. */
export function AppsPage() {
  const search = useSearch({ from: '/inside/apps' })
  const navigate = useNavigate({ from: '/apps' })
  const models = useQuery(queries.models())
  const deployments = useQuery(queries.deployments())
  const rows = useMemo(
    () => (models.data && deployments.data ? rowsOfKind('app', models.data, deployments.data) : undefined),
    [models.data, deployments.data],
  )
  const refetch = () => Promise.all([models.refetch(), deployments.refetch()])
  return (
    <ListPage
      title={words.title}
      count={words.count}
      query={{ data: rows, error: models.error ?? deployments.error, refetch }}
      columns={columns}
      rowKey={({ name }) => name}
      language={modelLanguage}
      filter={{ label: words.filter, noMatch: words.noMatch }}
      empty={{ icon: Container, title: words.empty, hint: <PushHint /> }}
      search={search}
      onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      defaultSort="name"
    />
  )
}

const PushHint = () => (
  <>
    {words.emptyHint}
    <span className="mt-3 flex items-center justify-center gap-1">
      <code className="rounded-md bg-raised px-2.5 py-1 font-mono text-xs text-text">{words.push}</code>
      <CopyButton value={words.push} what={words.push} />
    </span>
  </>
)

const columns: readonly Column<DeployableRow>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(10rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => (
      <Link to="/apps/$app" params={{ app: name }} className="rounded font-medium hover:text-accent hover:underline">
        {name}
      </Link>
    ),
  },
  {
    id: 'latest',
    header: words.columns.latest,
    width: '7rem',
    sortValue: ({ latestVersion }) => latestVersion ?? 0,
    cell: ({ name, latestVersion }) => <LatestVersion name={name} version={latestVersion} label={words.release} />,
  },
  {
    id: 'aliases',
    header: words.columns.aliases,
    width: 'minmax(7rem, 1fr)',
    cell: ({ aliases }) => <AliasTags aliases={aliases} />,
  },
  {
    id: 'deployments',
    header: words.columns.deployments,
    width: 'minmax(9rem, 1.5fr)',
    sortValue: ({ deployments }) => deployments.length,
    cell: ({ name, deployments }) =>
      deployments.length === 0 ? (
        <DeployButton
          isSmall
          look="plain"
          search={{ model: name }}
          text={texts.shell.deploy}
          label={`${texts.shell.deploy} ${name}`}
        />
      ) : (
        <span className="truncate text-soft">{deployments.map((each) => each.name).join(', ')}</span>
      ),
  },
  {
    id: 'devices',
    header: words.columns.devices,
    width: '8rem',
    isRight: true,
    sortValue: ({ healthy, total }) => (total === 0 ? 1 : healthy / total),
    cell: ({ healthy, total }) => (
      <span className={healthy < total ? 'font-medium text-warn' : total === 0 ? 'text-faint' : ''}>
        {words.healthy(healthy, total)}
      </span>
    ),
  },
  {
    id: 'created',
    header: words.columns.created,
    width: '6rem',
    isRight: true,
    sortValue: ({ createdAtMs }) => -createdAtMs,
    cell: ({ createdAtMs }) => (
      <span className="text-soft">
        <Instant ms={createdAtMs} />
      </span>
    ),
  },
]
