/** Approval drawer: one request: who asks, what exactly it would change, and the answer. It has an address of its own. */
import { problemOf } from '@skerry/client/problem'
import type { Approval } from '@skerry/contract/approvals/approval'
import { ApprovalId } from '@skerry/contract/values/ids'
import { useQuery } from '@tanstack/react-query'
import { Stamp } from 'lucide-react'
import type { ReactNode } from 'react'
import { Facts } from '../../components/card.tsx'
import { Drawer } from '../../components/dialogs/drawer.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { ApprovalAnswer } from './approval-answer.tsx'
import { ApprovalBadge } from './approval-marks.tsx'
import { approvalQueries } from './approval-queries.ts'
import { AskedChange } from './asked-change.tsx'
import { approvalsTexts as words } from './english-approvals.ts'

/** The drawer; the request may be any, whatever the list shows. */
export function ApprovalDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const known = ApprovalId.safeParse(id).data
  const { data, error, refetch } = useQuery({ ...approvalQueries.one(known), enabled: known !== undefined })
  const isUnknown = known === undefined || (error !== null && problemOf(error).code === 'approval_unknown')
  return (
    <Drawer title={data ? words.what(data.action, data.object) : words.facts.id} onClose={onClose}>
      {isUnknown && <Empty icon={Stamp} title={words.unknown} hint={words.unknownHint} />}
      {error && !isUnknown ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && !isUnknown && <Loading rows={6} />}
      {data && <ApprovalView approval={data} />}
    </Drawer>
  )
}

function ApprovalView({ approval }: { approval: Approval }) {
  const { status, asked, answered, reason, expiresAtMs, kind, id } = approval
  const isOpen = status === 'pending' || status === 'approved'
  const { facts } = words
  return (
    <div className="flex flex-col gap-5">
      <Facts
        rows={[
          [words.status, <ApprovalBadge key="status" status={status} />],
          [facts.asked, <Hand key="asked" {...asked} />],
          [facts.why, words.kinds[kind]],
          ...(answered ? [[facts.answered, <Hand key="answered" {...answered} />] as const] : []),
          ...(reason === undefined ? [] : [[facts.reason, <span key="reason">{reason}</span>] as const]),
          [isOpen ? facts.until : facts.ended, <Instant key="until" ms={expiresAtMs} isAbsolute />],
          [facts.id, <Copyable key="id" value={id} what={words.copy} />],
        ]}
      />
      <Part title={isOpen ? words.change : words.changed}>
        <AskedChange approval={approval} isOpen={isOpen} />
      </Part>
      <ApprovalAnswer approval={approval} />
      <Raw input={approval.input} />
    </div>
  )
}

const Hand = ({ name, atMs }: { name: string; atMs: number }) => (
  <span>
    {words.by(name)}
    <Instant ms={atMs} isAbsolute />
  </span>
)

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title} className="flex flex-col gap-2">
    <h3 className="text-sm font-semibold">{title}</h3>
    {children}
  </section>
)

/** For whoever wants every field as it came. */
function Raw({ input }: { input: Approval['input'] }) {
  return (
    <details className="text-sm">
      <summary className="cursor-pointer rounded text-soft">{words.raw}</summary>
      <pre className="mt-2 rounded-md bg-raised p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap wrap-anywhere">
        {JSON.stringify(input, undefined, 2)}
      </pre>
    </details>
  )
}
