/**
 * Health: the state of the hub itself. There is no stream of it, so the page shows the time of the last fetch, and a
 * person can fetch it again.
 */
import type { HubHealth } from '@skerry/contract/hub/hub-health'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX, RotateCw, ShieldOff } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty } from '../../components/page-state.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { useMissing } from '../../hub/permission.ts'
import { texts } from '../../texts/english.ts'
import { settingsTexts } from './english-settings.ts'
import { ProcessCard, ReplicasCard, StorageCard, TimingCard, WorkCard } from './health-cards.tsx'
import { settingsQueries } from './settings-queries.ts'

const words = settingsTexts.health

export function HealthTab() {
  const missing = useMissing('hub.read')
  const { data, error, refetch, isFetching } = useQuery({ ...settingsQueries.health(), enabled: missing === undefined })
  if (missing !== undefined)
    return (
      <Card>
        <Empty icon={ShieldOff} title={words.notAllowed} hint={missing} />
      </Card>
    )
  if (!data) return <WaitingCard error={error} retry={refetch} />
  return (
    <div className="flex flex-col gap-4 overflow-y-auto">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Readiness health={data} />
        <span className="flex items-center gap-3 text-xs text-soft">
          <span role="status">
            {words.asOf} <Instant ms={data.timeMs} />
          </span>
          <Button blocked={isFetching ? texts.common.loading : undefined} onClick={() => void refetch()}>
            <RotateCw size={14} aria-hidden />
            {words.refresh}
          </Button>
        </span>
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <StorageCard health={data} />
        <WorkCard health={data} />
        <ProcessCard health={data} />
        <TimingCard health={data} />
        <ReplicasCard health={data} />
      </div>
    </div>
  )
}

const Readiness = ({ health: { ready, problems } }: { health: HubHealth }) => (
  <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
    <Badge tone={ready ? 'good' : 'bad'} icon={ready ? CircleCheck : CircleX}>
      {ready ? words.ready : words.notReady}
    </Badge>
    {problems.map((problem) => (
      <span key={problem} className="text-bad">
        {problem}
      </span>
    ))}
  </span>
)
