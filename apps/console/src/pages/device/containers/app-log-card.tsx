/** App log card: the newest lines of an app's containers. The page fetches them on request, because the hub records it. */
import type { AppLogLine } from '@skerry/contract/apps/app-log'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { useQuery } from '@tanstack/react-query'
import { RefreshCw, ScrollText } from 'lucide-react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { cn } from '../../../components/class-names.ts'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { appTexts } from '../../apps/english-apps.ts'
import { appLogQuery } from './app-log-query.ts'

const words = appTexts.logs

export function AppLogCard({ device: { name, liveness }, app }: { device: DeviceDetail; app: string }) {
  const { data, error, isFetching, refetch } = useQuery(appLogQuery(name, app))
  const fetchLines = () => void refetch()
  return (
    <Card
      title={words.title(app)}
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
      {data && !error && <Lines lines={data.lines} />}
    </Card>
  )
}

/** Two lines can be equal, so each has its number. */
function Lines({ lines }: { lines: readonly (AppLogLine & { number: number })[] }) {
  if (lines.length === 0) return <Empty icon={ScrollText} title={words.none} />
  return (
    <ol className="max-h-[28rem] overflow-y-auto p-3 font-mono text-xs leading-5">
      {lines.map(({ number, atMs, service, stream, text }) => (
        <li key={number} className="flex gap-3">
          <span className="shrink-0 text-faint">
            <Instant ms={atMs} />
          </span>
          <span className="shrink-0 text-soft">{service}</span>
          <span className={cn('min-w-0 wrap-anywhere whitespace-pre-wrap', stream === 'err' && 'text-warn')}>
            {text}
          </span>
        </li>
      ))}
    </ol>
  )
}
