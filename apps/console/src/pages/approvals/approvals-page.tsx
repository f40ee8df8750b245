/** Approvals: the requests that wait for a second person, the answered ones, and the expired ones. */
import { type Approval, ApprovalStatus } from '@skerry/contract/approvals/approval'
import { approvalLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Stamp } from 'lucide-react'
import { Page } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Select } from '../../components/fields.tsx'
import { Hidden } from '../../components/hidden.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { useRefusal } from '../../hub/permission.ts'
import type { ApprovalSearch } from '../../search.ts'
import { BUTTON_LINK } from '../models/button-link.ts'
import { ApprovalDrawer } from './approval-drawer.tsx'
import { ApprovalBadge } from './approval-marks.tsx'
import { approvalQueries } from './approval-queries.ts'
import { approvalsTexts as words } from './english-approvals.ts'
import { approvalRuleTexts } from './english-rules.ts'
import { ApprovalRulesPage } from './rules-page.tsx'

/** The page at /approvals. The open request is in the address, too. */
export function ApprovalsPage() {
  const { tab } = useSearch({ from: '/inside/approvals' })
  const refusal = useRefusal('approval.read', 'approval.list')
  if (tab === 'rules') return <ApprovalRulesPage />
  if (refusal === undefined) return <Approvals />
  return (
    <Page title={words.title}>
      <Hidden reason={refusal} />
    </Page>
  )
}

function Approvals() {
  const { status, request } = useSearch({ from: '/inside/approvals' })
  const navigate = useNavigate({ from: '/approvals' })
  const set = (change: ApprovalSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <>
      <ListPage
        words={words}
        query={useQuery(approvalQueries.list(status))}
        columns={columns}
        rowKey={({ id }) => id}
        language={approvalLanguage}
        icon={Stamp}
        empty={status === undefined ? {} : { title: words.emptyStatus, hint: '' }}
        defaultSort="-when"
        actions={
          <Link to="/approvals" search={{ tab: 'rules' }} className={BUTTON_LINK.plain}>
            {approvalRuleTexts.link}
          </Link>
        }
        beside={<StatusSelect value={status} onChange={(next) => set({ status: next })} />}
      />
      {request !== undefined && <ApprovalDrawer id={request} onClose={() => set({ request: undefined })} />}
    </>
  )
}

type StatusSelectProps = { value: ApprovalStatus | undefined; onChange: (value: ApprovalStatus | undefined) => void }

const StatusSelect = ({ value, onChange }: StatusSelectProps) => (
  <Select
    aria-label={words.status}
    className="w-40"
    value={value ?? ''}
    onChange={(event) => onChange(ApprovalStatus.safeParse(event.target.value).data)}
  >
    <option value="">{words.anyStatus}</option>
    {ApprovalStatus.options.map((each) => (
      <option key={each} value={each}>
        {words.statuses[each]}
      </option>
    ))}
  </Select>
)

const columns: readonly Column<Approval>[] = [
  {
    id: 'status',
    header: words.columns.status,
    width: '10rem',
    sortValue: ({ status }) => status,
    cell: ({ status, refusal }) => (
      <span className="flex items-center gap-2">
        <ApprovalBadge status={status} />
        {status === 'pending' && refusal === undefined && <span className="text-xs text-soft">{words.yours}</span>}
      </span>
    ),
  },
  {
    id: 'what',
    header: words.columns.what,
    width: 'minmax(14rem, 2fr)',
    sortValue: ({ action, object }) => words.what(action, object),
    cell: ({ id, action, object, asked }) => (
      <Link
        from="/approvals"
        to="/approvals"
        search={(before) => ({ ...before, request: id })}
        aria-label={words.open(words.what(action, object), asked.name)}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {words.what(action, object)}
      </Link>
    ),
  },
  {
    id: 'asked',
    header: words.columns.asked,
    width: 'minmax(8rem, 1fr)',
    sortValue: ({ asked }) => asked.name,
    cell: ({ asked }) => asked.name,
  },
  {
    id: 'when',
    header: words.columns.when,
    width: '6.5rem',
    sortValue: ({ asked }) => asked.atMs,
    cell: ({ asked }) => <Instant ms={asked.atMs} />,
  },
  {
    id: 'answered',
    header: words.columns.answered,
    width: 'minmax(8rem, 1fr)',
    sortValue: ({ answered }) => answered?.name ?? '',
    cell: ({ answered }) => <span className="text-soft">{answered?.name ?? '–'}</span>,
  },
  {
    id: 'until',
    header: words.columns.until,
    width: '6.5rem',
    isRight: true,
    sortValue: ({ expiresAtMs }) => expiresAtMs,
    cell: ({ expiresAtMs }) => (
      <span className="text-soft">
        <Instant ms={expiresAtMs} />
      </span>
    ),
  },
]
