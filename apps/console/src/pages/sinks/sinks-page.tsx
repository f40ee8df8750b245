/** Sinks: all of them, each with the place that it applies to. */
import type { Connection } from '@skerry/contract/connections/connection'
import { sinkLanguage } from '@skerry/core/language/connection-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus, Send } from 'lucide-react'
import { GuardedButton } from '../../components/button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Hidden } from '../../components/hidden.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { reportColumns } from '../sources/report-columns.tsx'
import { sinksTexts as words } from './english-sinks.ts'
import { sinkQueries } from './sink-queries.ts'

/** Renders the page at /sinks. */
export function SinksPage() {
  const navigate = useNavigate({ from: '/sinks' })
  const refusal = useRefusal('connection.read', 'sink.list')
  const query = useQuery({ ...sinkQueries.list(), enabled: refusal === undefined })
  if (refusal !== undefined && query.data === undefined) return <Hidden reason={refusal} />
  return (
    <ListPage
      words={words}
      query={query}
      columns={columns}
      rowKey={({ id }) => id}
      language={sinkLanguage}
      icon={Send}
      defaultSort="name"
      actions={
        <GuardedButton permission="connection.write" look="primary" onClick={() => void navigate({ to: '/sinks/new' })}>
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
    width: 'minmax(10rem, 1.5fr)',
    sortValue: ({ name, scope }) => `${name} ${scope}`,
    cell: ({ id, name }) => (
      <Link to="/sinks/$sink" params={{ sink: id }} className="rounded font-medium hover:text-accent hover:underline">
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
    width: 'minmax(7rem, 1fr)',
    rank: 2,
    sortValue: ({ protocol }) => protocol,
    cell: ({ protocol }) => <span className="font-mono text-xs">{protocol}</span>,
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
