/** Submissions card: the listings that publishers have sent, the newest first. */
import type { Submission } from '@skerry/contract/market/submission'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Inbox } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { marketTexts } from '../english-market.ts'
import { reviewTexts as words } from './english-review.ts'
import { reviewQueries } from './review-queries.ts'

const { columns } = words

export function SubmissionsCard() {
  const { data, error, refetch } = useQuery(reviewQueries.list())
  if (!data) return <WaitingCard error={error} retry={refetch} rows={3} />
  if (data.length === 0)
    return (
      <Card>
        <Empty icon={Inbox} title={words.empty} hint={words.emptyHint} />
      </Card>
    )
  return (
    <Card isFlush>
      <PlainTable
        label={marketTexts.tabs.review}
        headers={[columns.listing, columns.catalogue, columns.certified, columns.by, columns.state]}
        rows={data.map((row) => ({ key: row.id, cells: cellsOf(row) }))}
        wideOnly={[columns.catalogue, columns.certified]}
      />
    </Card>
  )
}

const cellsOf = ({ id, listing, version, catalogue, level, submittedBy, submittedAtMs, state }: Submission) => [
  <Link
    key="listing"
    to="/market/review/$submission"
    params={{ submission: id }}
    className="rounded font-medium hover:text-accent"
  >
    {`${listing} ${version}`}
  </Link>,
  catalogue,
  words.level(level),
  <span key="by">
    {submittedBy}, <Instant ms={submittedAtMs} />
  </span>,
  <StateBadge key="state" state={state} />,
]

const TONE = { pending: 'warn', accepted: 'good', rejected: 'bad', withdrawn: 'idle' } as const

export const StateBadge = ({ state }: Pick<Submission, 'state'>) => (
  <Badge tone={TONE[state]} isPlain>
    {words.states[state]}
  </Badge>
)
