/** Batches: all of them, newest first, each with the outcomes of its devices. */
import type { Batch } from '@skerry/contract/batches/batch'
import { batchLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus, Terminal } from 'lucide-react'
import { GuardedButton } from '../../components/button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { BatchBadge, JobBar, jobsText } from './batch-marks.tsx'
import { batchQueries } from './batch-queries.ts'
import { batchesTexts as words } from './english-batches.ts'

/** Renders the page at /batches. */
export function BatchesPage() {
  const navigate = useNavigate({ from: '/batches' })
  return (
    <ListPage
      words={words}
      query={useQuery(batchQueries.list())}
      columns={columns}
      rowKey={({ id }) => id}
      language={batchLanguage}
      icon={Terminal}
      defaultSort="-created"
      actions={
        <GuardedButton permission="batch.create" look="primary" onClick={() => void navigate({ to: '/batches/new' })}>
          <Plus size={15} aria-hidden />
          {words.create}
        </GuardedButton>
      }
    />
  )
}

const columns: readonly Column<Batch>[] = [
  {
    id: 'status',
    header: words.columns.status,
    width: '8rem',
    sortValue: ({ status }) => status,
    cell: ({ status }) => <BatchBadge status={status} isPlain />,
  },
  {
    id: 'command',
    header: words.columns.command,
    width: 'minmax(12rem, 1.5fr)',
    sortValue: ({ command }) => command.kind,
    cell: ({ id, command }) => (
      <Link
        to="/batches/$batch"
        params={{ batch: id }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {words.commands[command.kind].name}
      </Link>
    ),
  },
  {
    id: 'progress',
    header: words.columns.progress,
    width: 'minmax(14rem, 2fr)',
    sortValue: ({ devices }) => devices,
    cell: ({ counts }) => (
      <span className="flex w-full min-w-56 items-center gap-3">
        <JobBar counts={counts} className="w-24 shrink-0" />
        <span className="truncate text-xs text-soft">{jobsText(counts)}</span>
      </span>
    ),
  },
  {
    id: 'by',
    header: words.columns.by,
    width: 'minmax(7rem, 1fr)',
    sortValue: ({ created }) => created.name,
    cell: ({ created }) => <span className="text-soft">{created.name}</span>,
  },
  {
    id: 'created',
    header: words.columns.created,
    width: '7rem',
    isRight: true,
    sortValue: ({ created }) => created.atMs,
    cell: ({ created }) => (
      <span className="text-soft">
        <Instant ms={created.atMs} />
      </span>
    ),
  },
]
