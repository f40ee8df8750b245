/** Flows: all of them, each with its newest version, who asks for it, and how it fares. */
import { flowLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Upload, Workflow } from 'lucide-react'
import { useMemo } from 'react'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from '../models/alias-tags.tsx'
import { BUTTON_LINK } from '../models/button-link.ts'
import { LatestVersion } from '../models/latest-version.tsx'
import { flowPageTexts as words } from './english-flow-pages.ts'
import { type FlowRow, flowRows } from './flow-rows.ts'

/** The page at /flows. */
export function FlowsPage() {
  const search = useSearch({ from: '/inside/flows' })
  const navigate = useNavigate({ from: '/flows' })
  const models = useQuery(queries.models())
  const deployments = useQuery(queries.deployments())
  const rows = useMemo(
    () => (models.data && deployments.data ? flowRows(models.data, deployments.data) : undefined),
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
      language={flowLanguage}
      filter={{ label: words.filter, noMatch: words.noMatch }}
      empty={{ icon: Workflow, title: words.empty, hint: words.emptyHint }}
      search={search}
      onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      defaultSort="name"
      actions={
        <Link to="/flows/upload" className={BUTTON_LINK.primary}>
          <Upload size={15} aria-hidden />
          {words.upload}
        </Link>
      }
    />
  )
}

const columns: readonly Column<FlowRow>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(10rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => (
      <Link to="/flows/$flow" params={{ flow: name }} className="rounded font-medium hover:text-accent hover:underline">
        {name}
      </Link>
    ),
  },
  {
    id: 'latest',
    header: words.columns.latest,
    width: '6rem',
    sortValue: ({ latestVersion }) => latestVersion ?? 0,
    cell: ({ name, latestVersion }) => <LatestVersion name={name} version={latestVersion} label={words.version} />,
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
        <span className="text-soft">{deployments.map((each) => each.name).join(', ')}</span>
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
