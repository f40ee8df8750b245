/**
 * Record drawer: one record of the trail with all details, and its place in the chain. It has an address of its own.
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { auditReason, auditSentence, isDryRun } from '@skerry/core/audit/audit-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { Facts } from '../../components/card.tsx'
import { Drawer } from '../../components/dialogs/drawer.tsx'
import { Copyable, CopyButton } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { actorText, DryRunBadge, Sentence } from '../../components/rows/audit-rows.tsx'
import { DeviceTime } from '../../components/rows/device-time.tsx'
import { texts } from '../../texts/english.ts'
import { auditQueries } from './audit-queries.ts'

const words = texts.audit

/** The drawer. It can show any record, also one that is not in the list. */
export function RecordDrawer({ sequence, onClose }: { sequence: number; onClose: () => void }) {
  const { data, error, refetch } = useQuery(auditQueries.record(sequence))
  return (
    <Drawer title={words.record(sequence)} onClose={onClose}>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error && <Loading rows={6} />}
      {data === null && <Empty icon={ScrollText} title={words.noRecord(sequence)} />}
      {data && <RecordView record={data} />}
    </Drawer>
  )
}

function RecordView({ record }: { record: AuditRecord }) {
  const { atMs, actor, action, object, source, result, previousHash, hash, sequence } = record
  const reason = auditReason(record)
  const json = JSON.stringify(record, undefined, 2)
  return (
    <div className="flex flex-col gap-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-base wrap-anywhere">
        <span>
          <Sentence record={record} parts={auditSentence(record)} />
          <DeviceTime record={record} />
        </span>
        {isDryRun(record) && <DryRunBadge />}
      </p>
      <Facts
        rows={[
          [words.columns.time, <Instant key="time" ms={atMs} isAbsolute />],
          [words.columns.actor, `${actorText(actor)} (${actor.kind})`],
          ...(actor.id === '' ? [] : [['id', <Copyable key="id" value={actor.id} what="id" />] as const]),
          [words.columns.action, <code key="action">{action}</code>],
          [words.columns.object, <ObjectLink key="object" kind={object.kind} id={object.id} />],
          ...(reason === undefined ? [] : [[texts.common.reason, reason] as const]),
          [words.columns.result, <code key="result">{result}</code>],
          [words.columns.source, source ?? '–'],
          [words.hash, <Copyable key="hash" value={hash} shown={`${hash.slice(0, 23)}…`} what={words.hash} />],
          [words.previous, <Previous key="previous" sequence={sequence} hash={previousHash} />],
        ]}
      />
      <section aria-label="JSON">
        <header className="mb-1 flex items-center justify-between">
          <h3 className="text-sm font-semibold">JSON</h3>
          <CopyButton value={json} what="JSON" />
        </header>
        <pre className="overflow-x-auto rounded-md bg-raised p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap wrap-anywhere">
          {json}
        </pre>
      </section>
    </div>
  )
}

function ObjectLink({ kind, id }: AuditRecord['object']) {
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2">
      {kind}
      {id !== '' && <Copyable value={id} what={kind} />}
      {id !== '' && (
        <Link to="/audit" search={{ object: id }} className="rounded text-xs text-accent hover:underline">
          {words.allOf}
        </Link>
      )}
    </span>
  )
}

/** The chain leads from record to record. */
function Previous({ sequence, hash }: { sequence: number; hash: string }) {
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2">
      <Copyable value={hash} shown={`${hash.slice(0, 23)}…`} what={words.previous} />
      {sequence > 1 && (
        <Link
          to="/audit"
          search={(before) => ({ ...before, record: sequence - 1 })}
          className="rounded text-xs text-accent hover:underline"
        >
          {words.record(sequence - 1)}
        </Link>
      )}
    </span>
  )
}
