/** List of a kind: its names, each with its newest version, the deployments that use it, and its health. */
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { RowLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo } from 'react'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage, type ListPageProps, type ListWords } from '../../components/rows/list-page.tsx'
import { queries } from '../../hub/queries.ts'
import { type DeployableRow, rowsOfKind } from '../../kinds/rows-of-kind.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from './alias-tags.tsx'
import { LatestVersion } from './latest-version.tsx'

type Head = 'name' | 'latest' | 'aliases' | 'deployments' | 'devices' | 'created'

export type KindList = Pick<ListPageProps<DeployableRow>, 'icon' | 'empty' | 'actions'> & {
  kind: VersionKind
  language: RowLanguage<DeployableRow>
  words: ListWords & {
    version: (version: number) => string
    columns: Readonly<Record<Head, string>>
    healthy: (healthy: number, total: number) => string
  }
  /** The name as a link to its page. */
  link: (name: string) => ReactNode
}

export function KindListPage({ kind, language, words, link, ...page }: KindList) {
  const models = useQuery(queries.models())
  const deployments = useQuery(queries.deployments())
  const rows = useMemo(
    () => (models.data && deployments.data ? rowsOfKind(kind, models.data, deployments.data) : undefined),
    [kind, models.data, deployments.data],
  )
  const columns = useMemo(() => columnsOf({ words, link }), [words, link])
  const refetch = () => Promise.all([models.refetch(), deployments.refetch()])
  return (
    <ListPage
      {...page}
      words={words}
      query={{ data: rows, error: models.error ?? deployments.error, refetch }}
      columns={columns}
      rowKey={({ name }) => name}
      language={language}
      defaultSort="name"
    />
  )
}

const columnsOf = ({ words, link }: Pick<KindList, 'words' | 'link'>): readonly Column<DeployableRow>[] => [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(10rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => link(name),
  },
  {
    id: 'latest',
    header: words.columns.latest,
    width: '7rem',
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
