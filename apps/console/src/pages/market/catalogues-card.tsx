/** Catalogues card: the subscriptions, and why an index is not in use. */
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, Store, TriangleAlert } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { marketTexts } from './english-market.ts'
import { marketQueries } from './market-queries.ts'

const words = marketTexts.catalogues
const { columns } = words

export function CataloguesCard() {
  const { data, error, refetch } = useQuery(marketQueries.catalogues())
  if (!data) return <Card>{error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />}</Card>
  if (data.rows.length === 0)
    return (
      <Card>
        <Empty icon={Store} title={marketTexts.empty} hint={marketTexts.emptyHint} />
      </Card>
    )
  const rows = data.rows.map(({ name, url, isOwn, version, listings, expiresAtMs, problem }) => ({
    key: name,
    cells: [
      <span key="name" className="flex flex-col py-1">
        <span className="font-medium">{name}</span>
        {isOwn && <span className="text-xs text-soft">{words.own}</span>}
        {url !== undefined && <span className="text-xs text-soft">{words.mirrored(url)}</span>}
      </span>,
      version ?? '–',
      listings,
      expiresAtMs === undefined ? '–' : <Instant key="expires" ms={expiresAtMs} />,
      problem ? (
        <span key="state" className="flex flex-col items-end gap-0.5 py-2">
          <Badge tone="bad" icon={TriangleAlert} isPlain>
            {words.problems[problem.code]}
          </Badge>
          <span className="max-w-96 text-left text-xs text-soft">{problem.message}</span>
        </span>
      ) : (
        <Badge key="state" tone="good" icon={CircleCheck} isPlain>
          {words.good}
        </Badge>
      ),
    ],
  }))
  return (
    <Card isFlush>
      <PlainTable
        label={marketTexts.tabs.catalogues}
        headers={[columns.name, columns.index, columns.listings, columns.expires, columns.state]}
        rows={rows}
        wideOnly={[columns.index, columns.listings]}
      />
    </Card>
  )
}
