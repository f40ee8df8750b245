/** Findings: what looks like an attack, newest first, about whom, and what the hub did by itself. */
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import { intrusionSeverity } from '@skerry/core/alerts/intrusion-alert'
import { intrusionLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ShieldCheck } from 'lucide-react'
import { SeverityMark } from '../../components/facts/alert-marks.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Select } from '../../components/fields.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { RowFilter } from '../../components/rows/row-filter.tsx'
import { TableCard } from '../../components/rows/table-card.tsx'
import { useRowFilter } from '../../components/rows/use-row-filter.ts'
import { FINDING_STATUSES, type FindingStatus, type SecuritySearch } from '../../search.ts'
import { securityTexts as words } from './english-security.ts'
import { intrusionQueries } from './intrusion-queries.ts'

/** The tab. */
export function FindingsTab() {
  const { q, sort, status } = useSearch({ from: '/inside/security' })
  const navigate = useNavigate({ from: '/security' })
  const set = (change: SecuritySearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const query = useQuery(intrusionQueries.list(status))
  const { shown, problem } = useRowFilter(query.data, q, intrusionLanguage)
  return (
    <div className="flex min-h-0 flex-col gap-3">
      <div className="flex flex-wrap items-start gap-2">
        <RowFilter
          label={words.filter}
          language={intrusionLanguage}
          value={q ?? ''}
          onChange={(next) => set({ q: next })}
          problem={problem}
        />
        <StatusSelect value={status} onChange={(next) => set({ status: next })} />
      </div>
      <TableCard
        label={words.tabs.findings}
        query={query}
        shown={shown}
        columns={columns}
        rowKey={({ id }) => id}
        empty={{
          icon: ShieldCheck,
          title: status === undefined ? words.empty : words.emptyStatus,
          hint: words.emptyHint,
        }}
        noMatch={words.noMatch}
        sort={sort ?? '-last'}
        onSort={(next) => set({ sort: next })}
      />
    </div>
  )
}

type StatusSelectProps = { value: FindingStatus | undefined; onChange: (value: FindingStatus | undefined) => void }

const StatusSelect = ({ value, onChange }: StatusSelectProps) => (
  <Select
    aria-label={words.status}
    className="w-40"
    value={value ?? ''}
    onChange={(event) => onChange(FINDING_STATUSES.find((each) => each === event.target.value))}
  >
    <option value="">{words.anyStatus}</option>
    {FINDING_STATUSES.map((each) => (
      <option key={each} value={each}>
        {words.statuses[each]}
      </option>
    ))}
  </Select>
)

const subjectText = ({ subject }: Intrusion) => subject.name || subject.id

const columns: readonly Column<Intrusion>[] = [
  {
    id: 'rule',
    header: words.columns.rule,
    width: 'minmax(12rem, 1.5fr)',
    sortValue: ({ rule }) => rule,
    cell: (finding) => (
      <span className="flex items-center gap-2">
        <SeverityMark severity={intrusionSeverity(finding.rule)} />
        <Link
          from="/security"
          to="/security"
          search={(before) => ({ ...before, finding: finding.id })}
          aria-label={words.open(words.ruleName(finding.rule), subjectText(finding))}
          className="truncate rounded font-medium hover:text-accent hover:underline"
        >
          {words.ruleName(finding.rule)}
        </Link>
      </span>
    ),
  },
  {
    id: 'subject',
    header: words.columns.subject,
    width: 'minmax(10rem, 1fr)',
    sortValue: subjectText,
    cell: (finding) => (
      <>
        <span className="text-soft">{words.kinds[finding.subject.kind] ?? finding.subject.kind} </span>
        {subjectText(finding)}
      </>
    ),
  },
  {
    id: 'score',
    header: words.columns.score,
    width: '7rem',
    sortValue: ({ score, threshold }) => score / threshold,
    cell: ({ score, threshold }) => <span className="tabular">{words.score(score, threshold)}</span>,
  },
  {
    id: 'signs',
    header: words.columns.signs,
    width: '5rem',
    sortValue: ({ count }) => count,
    cell: ({ count }) => <span className="tabular">{count}</span>,
  },
  {
    id: 'last',
    header: words.columns.last,
    width: '6.5rem',
    sortValue: ({ lastMs }) => lastMs,
    cell: ({ lastMs }) => <Instant ms={lastMs} />,
  },
  {
    id: 'response',
    header: words.columns.response,
    width: 'minmax(12rem, 1.2fr)',
    sortValue: ({ response }) => response.state,
    cell: ({ response }) => (
      <span className={response.state === 'done' ? 'font-medium' : 'text-soft'}>{words.responseText(response)}</span>
    ),
  },
  {
    id: 'status',
    header: words.columns.status,
    width: '6rem',
    sortValue: ({ status }) => status,
    cell: ({ status }) => (
      <Badge tone={status === 'open' ? 'warn' : 'idle'} isPlain>
        {words.statuses[status]}
      </Badge>
    ),
  },
]
