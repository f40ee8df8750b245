/** Evidence: the audit records that fired a rule, each with a link to the trail. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import { auditSentence, partsText } from '@skerry/core/audit/audit-words'
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Instant } from '../../components/facts/instant.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { auditQueries } from '../audit/audit-queries.ts'
import { securityTexts as words } from './english-security.ts'

/** The records. A person who may not read the trail sees their numbers. */
export function Evidence({ finding: { evidence, count } }: { finding: Intrusion }) {
  const refusal = useRefusal('audit.read', 'audit.list')
  const records = useQueries({
    queries: evidence.map((sequence) => ({ ...auditQueries.record(sequence), enabled: refusal === undefined })),
  })
  return (
    <section aria-label={words.evidence} className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">{words.evidence}</h3>
      <ul className="card divide-y divide-line text-sm">
        {evidence.map((sequence, index) => (
          <li key={sequence} className="flex items-center gap-3 px-3 py-2">
            <Link
              to="/audit"
              search={{ record: sequence }}
              aria-label={words.record(sequence)}
              className="w-12 shrink-0 rounded text-xs text-accent tabular hover:underline"
            >
              {sequence}
            </Link>
            <RecordText record={records[index]?.data ?? undefined} />
          </li>
        ))}
      </ul>
      {refusal !== undefined && <p className="text-xs text-soft">{refusal}</p>}
      {count > evidence.length && <p className="text-xs text-soft">{words.evidenceMore(evidence.length, count)}</p>}
    </section>
  )
}

const RecordText = ({ record }: { record: AuditRecord | undefined }) =>
  record && (
    <>
      <span className="min-w-0 flex-1 truncate" title={record.action}>
        {partsText(auditSentence(record))}
      </span>
      {record.result !== 'ok' && <span className="font-mono text-xs text-bad">{record.result}</span>}
      <span className="shrink-0 text-xs text-soft">{record.source}</span>
      <span className="shrink-0 text-xs text-soft">
        <Instant ms={record.atMs} />
      </span>
    </>
  )
