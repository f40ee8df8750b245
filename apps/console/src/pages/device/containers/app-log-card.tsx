/** App log card: the newest lines of an app's containers. The page fetches them on request, because the hub records it. */
import type { AppLogLine } from '@skerry/contract/apps/app-log'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { useQuery } from '@tanstack/react-query'
import { cn } from '../../../components/class-names.ts'
import { Instant } from '../../../components/facts/instant.tsx'
import { appTexts } from '../../apps/english-apps.ts'
import { FetchedCard } from '../logs/fetched-card.tsx'
import { appLogQuery } from './app-log-query.ts'

const words = appTexts.logs

export function AppLogCard({ device: { name, liveness }, app }: { device: DeviceDetail; app: string }) {
  const query = useQuery(appLogQuery(name, app))
  return (
    <FetchedCard
      title={words.title(app)}
      words={words}
      liveness={liveness}
      query={query}
      draw={(lines) => <Lines lines={lines} />}
    />
  )
}

/** Two lines can be equal, so each has its number. */
function Lines({ lines }: { lines: readonly (AppLogLine & { number: number })[] }) {
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
