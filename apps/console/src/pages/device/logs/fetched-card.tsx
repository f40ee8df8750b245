/** Fetched card: lines of a device that the page fetches when somebody requests it, because the hub records each look. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { UseQueryResult } from '@tanstack/react-query'
import { RefreshCw, ScrollText } from 'lucide-react'
import type { ReactNode } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'

type Words = Readonly<Record<'fetch' | 'again' | 'fetched' | 'offline' | 'empty' | 'emptyHint' | 'none', string>>

type FetchedCardProps<Line> = {
  title: string
  words: Words
  liveness: DeviceDetail['liveness']
  query: UseQueryResult<{ atMs: number; lines: readonly Line[] }>
  /** Draws the lines, of which there is at least one. */
  draw: (lines: readonly Line[]) => ReactNode
}

export function FetchedCard<Line>({
  title,
  words,
  liveness,
  query: { data, error, isFetching, refetch },
  draw,
}: FetchedCardProps<Line>) {
  const fetchLines = () => void refetch()
  const shown = error ? undefined : data?.lines
  return (
    <Card
      title={title}
      isFlush
      aside={
        <span className="flex items-center gap-3 text-xs text-soft">
          {data && (
            <span>
              {words.fetched} <Instant ms={data.atMs} />
            </span>
          )}
          <GuardedButton
            permission="device.inspect"
            isSmall
            blocked={liveness === 'online' ? undefined : words.offline}
            onClick={fetchLines}
          >
            <RefreshCw size={13} aria-hidden />
            {data ? words.again : words.fetch}
          </GuardedButton>
        </span>
      }
    >
      {isFetching && !data && <Loading />}
      {error && !isFetching ? <Failure error={error} onRetry={fetchLines} /> : null}
      {!data && !error && !isFetching && <Empty icon={ScrollText} title={words.empty} hint={words.emptyHint} />}
      {shown?.length === 0 && <Empty icon={ScrollText} title={words.none} />}
      {shown && shown.length > 0 ? draw(shown) : null}
    </Card>
  )
}
