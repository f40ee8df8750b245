/** Audit columns: the columns of the table of records. The hub decides the order, so no column sorts. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { auditWhat, isDryRun } from '@skerry/core/audit/audit-words'
import { Link } from '@tanstack/react-router'
import { cn } from '../../components/class-names.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { ACTOR_ICON, actorText, DryRunBadge, Sentence } from '../../components/rows/audit-rows.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { DeviceTime } from '../../components/rows/device-time.tsx'
import { texts } from '../../texts/english.ts'

const { columns, open } = texts.audit

const ResultText = ({ result }: { result: string }) => (
  <span title={result} className={cn('font-mono text-xs', result === 'ok' ? 'text-good' : 'text-bad')}>
    {result}
  </span>
)

/** Columns with a rank disappear in a narrow table. The number opens the record, which has all of it. */
export const auditColumns: readonly Column<AuditRecord>[] = [
  {
    id: 'sequence',
    header: columns.sequence,
    width: '4rem',
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
    rank: 2,
    cell: ({ atMs }) => (
      <span className="text-soft">
        <Instant ms={atMs} isAbsolute />
      </span>
    ),
  },
  {
    id: 'actor',
    header: columns.actor,
    width: 'minmax(7.5rem, 1fr)',
    rank: 3,
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
    id: 'what',
    header: columns.what,
    width: 'minmax(14rem, 4fr)',
    cell: (record) => (
      <span title={record.action}>
        <Sentence record={record} parts={auditWhat(record)} />
        <DeviceTime record={record} />
      </span>
    ),
  },
  {
    id: 'result',
    header: columns.result,
    width: 'minmax(5.5rem, 1fr)',
    rank: 1,
    cell: (record) => (
      <>
        {isDryRun(record) && <DryRunBadge />}{' '}
        {(!isDryRun(record) || record.result !== 'ok') && <ResultText result={record.result} />}
      </>
    ),
  },
  {
    id: 'source',
    header: columns.source,
    width: '7.5rem',
    rank: 4,
    cell: ({ source }) => <span className="font-mono text-xs text-soft">{source ?? '–'}</span>,
  },
]
