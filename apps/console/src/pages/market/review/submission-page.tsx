/** Submission: the evidence, the permissions beside those of the published version, the comments, and the decision. */
import type { SubmissionDetail } from '@skerry/contract/market/submission'
import { permissionKey } from '@skerry/core/market/permission-diff'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Card, Facts, Page } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Copyable, CopyButton, shortDigest } from '../../../components/facts/copyable.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { marketTexts } from '../english-market.ts'
import { EvidenceCards } from '../evidence-cards.tsx'
import { ListingMarkdown } from '../listing-markdown.tsx'
import { CommentsCard } from './comments-card.tsx'
import { DecisionButtons } from './decision-buttons.tsx'
import { reviewTexts as words } from './english-review.ts'
import { reviewQueries } from './review-queries.ts'
import { StateBadge } from './submissions-card.tsx'

const back = { to: '/market', text: words.back } as const

/** Renders the page at /market/review/SUBMISSION. */
export function SubmissionPage() {
  const { submission: id } = useParams({ from: '/inside/market/review/$submission' })
  const { data, error, refetch } = useQuery(reviewQueries.detail(id))
  if (!data)
    return (
      <Page title={id} back={back}>
        <WaitingCard error={error} retry={refetch} rows={6} />
      </Page>
    )
  const { submission, listing } = data
  return (
    <Page
      title={`${listing.title} ${listing.version}`}
      back={back}
      beside={<StateBadge state={submission.state} />}
      lead={<span>{listing.summary}</span>}
      actions={<DecisionButtons submission={submission} />}
    >
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Notices notices={data.notices} />
          <Permissions detail={data} />
          <EvidenceCards shown={data} />
          <Card>
            <ListingMarkdown text={listing.description} />
          </Card>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <FactsCard detail={data} />
          <CommentsCard submission={submission} comments={data.comments} />
        </div>
      </div>
    </Page>
  )
}

const Notices = ({ notices }: Pick<SubmissionDetail, 'notices'>) => (
  <Card title={words.notices}>
    {notices.length === 0 ? (
      <p className="text-sm text-soft">{words.noNotices}</p>
    ) : (
      <ul className="list-disc pl-5 text-sm">
        {notices.map((notice) => (
          <li key={notice} className="wrap-anywhere">
            {notice}
          </li>
        ))}
      </ul>
    )}
  </Card>
)

function Permissions({ detail: { permissions, follows } }: { detail: SubmissionDetail }) {
  const { permissionColumns: columns, access, noPermissions } = marketTexts.listing
  const added = new Set(permissions.unaccepted.map(permissionKey))
  const rows = permissions.asked.map((permission) => ({
    key: permissionKey(permission),
    cells: [
      <span key="access" className="inline-flex items-center gap-2">
        {access[permission.access]}
        {follows !== undefined && added.has(permissionKey(permission)) && <Badge tone="warn">{words.isNew}</Badge>}
      </span>,
      <code key="target" className="font-mono text-xs wrap-anywhere">
        {permission.target}
      </code>,
      <span key="purpose" className="text-soft">
        {permission.purpose}
      </span>,
    ],
  }))
  return (
    <Card title={words.permissions} isFlush>
      <p className="border-b border-line px-4 py-3 text-sm text-soft">
        {follows === undefined ? words.first : words.compared(follows)} {rows.length === 0 && noPermissions}
      </p>
      {rows.length > 0 && (
        <PlainTable label={words.permissions} headers={[columns.access, columns.target, columns.purpose]} rows={rows} />
      )}
      {permissions.dropped.length > 0 && (
        <p className="border-t border-line px-4 py-3 text-xs text-soft">
          {words.dropped(permissions.dropped.join(', '))}
        </p>
      )}
    </Card>
  )
}

function FactsCard({ detail: { submission, listing, entry } }: { detail: SubmissionDetail }) {
  const { id, catalogue, submittedBy, submittedAtMs, keyId, state, decidedBy, decidedAtMs, reason } = submission
  const by = (person: string, atMs: number) => (
    <span key="by">
      {person}, <Instant ms={atMs} />
    </span>
  )
  const command = words.repeat(id)
  return (
    <Card title={words.facts}>
      <Facts
        rows={[
          [words.publisher, listing.publisher],
          [words.catalogue, catalogue],
          [words.submitted, by(submittedBy, submittedAtMs)],
          [words.key, <Copyable key="key" value={keyId} shown={keyId.slice(0, 12)} what={words.key} />],
          [
            words.digest,
            <Copyable key="digest" value={entry.digest} shown={shortDigest(entry.digest)} what={words.digest} />,
          ],
          ...(decidedBy === undefined || decidedAtMs === undefined
            ? []
            : [[words.decided(state), by(decidedBy, decidedAtMs)] as const]),
          ...(reason === undefined ? [] : [[words.reason, reason] as const]),
        ]}
      />
      <p className="mt-3 text-xs text-soft">{words.repeatHint}</p>
      <span className="inline-flex max-w-full items-center gap-1">
        <code className="truncate font-mono text-xs">{command}</code>
        <CopyButton value={command} what={command} />
      </span>
    </Card>
  )
}
