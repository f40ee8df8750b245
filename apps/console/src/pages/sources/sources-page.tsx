/** Sources: all of them, each with the place that it applies to. */
import type { Connection } from '@skerry/contract/connections/connection'
import { sourceLanguage } from '@skerry/core/language/connection-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Cable, Plus } from 'lucide-react'
import { GuardedButton } from '../../components/button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Hidden } from '../../components/hidden.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { number } from '../../texts/count.ts'
import { sourcesTexts as words } from './english-sources.ts'
import { reportColumns } from './report-columns.tsx'
import { ProtocolMark } from './source-marks.tsx'
import { sourceQueries } from './source-queries.ts'

/** Renders the page at /sources. */
export function SourcesPage() {
  const navigate = useNavigate({ from: '/sources' })
  const refusal = useRefusal('connection.read', 'source.list')
  const query = useQuery({ ...sourceQueries.list(), enabled: refusal === undefined })
  if (refusal !== undefined && query.data === undefined) return <Hidden reason={refusal} />
  return (
    <ListPage
      words={words}
      query={query}
      columns={columns}
      rowKey={({ id }) => id}
      language={sourceLanguage}
      icon={Cable}
      defaultSort="name"
      actions={
        <GuardedButton
          permission="connection.write"
          look="primary"
          onClick={() => void navigate({ to: '/sources/new' })}
        >
          <Plus size={15} aria-hidden />
          {words.create}
        </GuardedButton>
      }
    />
  )
}

const columns: readonly Column<Connection>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(9rem, 1fr)',
    sortValue: ({ name, scope }) => `${name} ${scope}`,
    cell: ({ id, name }) => (
      <Link
        to="/sources/$source"
        params={{ source: id }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    id: 'scope',
    header: words.columns.scope,
    width: 'minmax(10rem, 1.5fr)',
    rank: 5,
    sortValue: ({ scope }) => scope,
    cell: ({ scope }) => <span title={words.scope(scope)}>{words.scope(scope)}</span>,
  },
  {
    id: 'protocol',
    header: words.columns.protocol,
    width: 'minmax(8.5rem, 1fr)',
    rank: 2,
    sortValue: ({ protocol }) => protocol,
    cell: ({ protocol }) => <ProtocolMark protocol={protocol} />,
  },
  {
    id: 'tags',
    header: words.columns.tags,
    width: '5rem',
    rank: 7,
    isRight: true,
    sortValue: ({ tags }) => tags ?? 0,
    cell: ({ tags }) => number.format(tags ?? 0),
  },
  ...reportColumns,
  {
    id: 'version',
    header: words.columns.version,
    width: '5.5rem',
    rank: 6,
    isRight: true,
    sortValue: ({ version }) => version,
    cell: ({ version }) => version,
  },
  {
    id: 'set',
    header: words.columns.set,
    width: 'minmax(10rem, 1fr)',
    rank: 8,
    isRight: true,
    sortValue: ({ updatedAtMs }) => updatedAtMs,
    cell: ({ updatedAtMs, updatedBy }) => (
      <span className="truncate text-soft">
        <Instant ms={updatedAtMs} /> {words.by(updatedBy)}
      </span>
    ),
  },
]
