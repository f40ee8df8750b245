/** Audit table: records, each of which opens to show its detail and its hashes. */
import type { AuditRecord } from '@skerry/contract/audit'
import { ChevronRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import { ACTOR_ICON, actorText, objectText } from '../../components/audit-rows.tsx'
import { cn } from '../../components/class-names.ts'
import { Copyable } from '../../components/copyable.tsx'
import { Instant } from '../../components/instant.tsx'
import { texts } from '../../texts/english.ts'

const { columns, detail: detailText, title } = texts.audit
const HEADERS = [
  columns.sequence,
  columns.time,
  columns.actor,
  columns.action,
  columns.object,
  columns.result,
  columns.source,
]

/** The table, newest record first. */
export function AuditTable({ records }: { records: readonly AuditRecord[] }) {
  const [open, setOpen] = useState<number>()
  return (
    <div className="overflow-x-auto">
      <table aria-label={title} className="w-full text-sm">
        <thead>
          <tr className="border-b border-line">
            <th scope="col" className="w-8">
              <span className="sr-only">{detailText}</span>
            </th>
            {HEADERS.map((header) => (
              <th
                key={header}
                scope="col"
                className="h-9 pr-4 text-left text-xs font-medium whitespace-nowrap text-soft"
              >
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Fragment key={record.sequence}>
              <RecordRow
                record={record}
                isOpen={open === record.sequence}
                onToggle={() => setOpen(open === record.sequence ? undefined : record.sequence)}
              />
              {open === record.sequence && <DetailRow record={record} />}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type RecordRowProps = { record: AuditRecord; isOpen: boolean; onToggle: () => void }

function RecordRow({ record, isOpen, onToggle }: RecordRowProps) {
  const Icon = ACTOR_ICON[record.actor.kind]
  return (
    <tr className="border-b border-line hover:bg-raised">
      <td className="pl-3">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={`${detailText} ${record.sequence}`}
          onClick={onToggle}
          className="grid size-6 place-items-center rounded text-faint hover:text-text"
        >
          <ChevronRight size={14} aria-hidden className={cn('transition-transform', isOpen && 'rotate-90')} />
        </button>
      </td>
      <td className="h-10 pr-4 text-xs text-faint tabular">{record.sequence}</td>
      <td className="pr-4 text-soft">
        <Instant ms={record.atMs} isAbsolute />
      </td>
      <td className="max-w-52 truncate pr-4">
        <span className="inline-flex max-w-full items-center gap-1.5">
          <Icon size={14} className="shrink-0 text-faint" aria-hidden />
          <span className="truncate">{actorText(record.actor)}</span>
        </span>
      </td>
      <td className="pr-4 font-mono text-xs whitespace-nowrap">{record.action}</td>
      <td className="max-w-72 truncate pr-4">{objectText(record)}</td>
      <td className={cn('pr-4 font-mono text-xs', record.result === 'ok' ? 'text-good' : 'text-bad')}>
        {record.result}
      </td>
      <td className="pr-4 font-mono text-xs text-soft">{record.source ?? '–'}</td>
    </tr>
  )
}

const DetailRow = ({ record: { detail, hash, previousHash, object } }: { record: AuditRecord }) => (
  <tr className="border-b border-line bg-ground">
    <td colSpan={HEADERS.length + 1} className="px-10 py-3">
      <div className="flex max-w-full flex-col gap-2">
        <pre className="font-mono text-xs leading-relaxed whitespace-pre-wrap wrap-anywhere">
          {JSON.stringify({ object, detail }, undefined, 2)}
        </pre>
        <span className="flex flex-wrap gap-x-6 text-xs text-soft">
          <span className="inline-flex items-center gap-1">
            hash <Copyable value={hash} shown={hash.slice(0, 19)} what="hash" />
          </span>
          <span className="inline-flex items-center gap-1">
            previous <Copyable value={previousHash} shown={previousHash.slice(0, 19)} what="hash" />
          </span>
        </span>
      </div>
    </td>
  </tr>
)
