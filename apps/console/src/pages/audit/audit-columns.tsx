/** Audit columns: what the table of records shows of each. The order is the hub's, so none of them sorts. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { Link } from '@tanstack/react-router'
import { cn } from '../../components/class-names.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { ACTOR_ICON, actorText, objectText } from '../../components/rows/audit-rows.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { texts } from '../../texts/english.ts'

const { columns, open } = texts.audit

export const auditColumns: readonly Column<AuditRecord>[] = [
  {
    id: 'sequence',
    header: columns.sequence,
    width: '5rem',
    cell: ({ sequence }) => (
      <Link
        to="/audit"
        search={(before) => ({ ...before, record: sequence })}
        aria-label={open(sequence)}
        className="rounded text-xs text-accent tabular hover:underline"
      >
        {sequence}
      </Link>
    ),
  },
  {
    id: 'time',
    header: columns.time,
    width: '11.5rem',
    cell: ({ atMs }) => (
      <span className="text-soft">
        <Instant ms={atMs} isAbsolute />
      </span>
    ),
  },
  {
    id: 'actor',
    header: columns.actor,
    width: 'minmax(8rem, 1fr)',
    cell: ({ actor }) => {
      const Icon = ACTOR_ICON[actor.kind]
      return (
        <span className="inline-flex max-w-full items-center gap-1.5 align-middle">
          <Icon size={14} className="shrink-0 text-faint" aria-hidden />
          <span className="truncate">{actorText(actor)}</span>
        </span>
      )
    },
  },
  {
    id: 'action',
    header: columns.action,
    width: 'minmax(10rem, 1.2fr)',
    cell: ({ action }) => <span className="font-mono text-xs">{action}</span>,
  },
  {
    id: 'object',
    header: columns.object,
    width: 'minmax(10rem, 1.5fr)',
    cell: (record) => <span title={record.object.id}>{objectText(record)}</span>,
  },
  {
    id: 'result',
    header: columns.result,
    width: 'minmax(6rem, 1fr)',
    cell: ({ result }) => (
      <span className={cn('font-mono text-xs', result === 'ok' ? 'text-good' : 'text-bad')}>{result}</span>
    ),
  },
  {
    id: 'source',
    header: columns.source,
    width: '7.5rem',
    cell: ({ source }) => <span className="font-mono text-xs text-soft">{source ?? '–'}</span>,
  },
]
