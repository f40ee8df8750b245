/** Scaling card: how many workers and replicas a deployment has, over time, and the answer to "why 3?". */
import type { DeviceScale, ItemScale, ScaleStep, Scaling } from '@skerry/contract/scaling/scaling'
import { scalingWords } from '@skerry/core/scaling/scale-text'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Card } from '../../components/card.tsx'
import { shortNumber } from '../../components/charts/short-number.ts'
import { Badge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { scalingTexts as words } from './english-scaling.ts'
import { LearntSchedule } from './learnt-schedule.tsx'
import { scalingQueries } from './scaling-queries.ts'
import { StepChart } from './step-chart.tsx'

/** The number of devices that the card has room for. */
const DEVICES_MAX = 4

/** The newest steps; the chart has all of them. */
const STEPS_MAX = 5

export function ScalingCard({ deployment }: { deployment: string }) {
  const { data, error, refetch, dataUpdatedAt } = useQuery(scalingQueries.decision(deployment))
  if (!data)
    return (
      <Card title={words.title}>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={4} />}
      </Card>
    )
  const { workers, replicas } = data
  return (
    <Card title={words.title} isFlush>
      {replicas && (
        <>
          <Lead>{words.replicas(scalingWords(replicas.policy, 'replica'))}</Lead>
          <Course {...replicas} name={words.replicasName} nowMs={dataUpdatedAt} />
        </>
      )}
      {workers && (
        <>
          <Lead>{words.workers(scalingWords(workers.policy, 'worker'))}</Lead>
          {workers.devices.slice(0, DEVICES_MAX).map((device) => (
            <DeviceCourse key={device.id} scale={device} policy={workers.policy} nowMs={dataUpdatedAt} />
          ))}
          {workers.devices.length > DEVICES_MAX && <Lead>{words.more(workers.devices.length - DEVICES_MAX)}</Lead>}
        </>
      )}
      <LearntSchedule deployment={deployment} />
    </Card>
  )
}

const Lead = ({ children }: { children: ReactNode }) => <p className="px-4 pt-3 pb-1 text-sm text-soft">{children}</p>

type DeviceCourseProps = { scale: DeviceScale; policy: Scaling; nowMs: number }

function DeviceCourse({ scale: { device, now, steps }, policy, nowMs }: DeviceCourseProps) {
  return (
    <section aria-label={device}>
      <p className="px-4 pt-2 text-sm">
        <DeviceLink device={device} />
      </p>
      {now ? (
        <Course now={now} steps={steps} policy={policy} name={device} nowMs={nowMs} />
      ) : (
        <Lead>{words.unreported}</Lead>
      )}
    </section>
  )
}

type CourseProps = {
  now: Omit<ItemScale, 'steps'>
  steps: readonly ScaleStep[]
  policy: Scaling
  name: string
  nowMs: number
}

function Course({ now, steps, policy, name, nowMs }: CourseProps) {
  const { count, reason, load } = now
  return (
    <>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-1 text-sm">
        <Badge tone={count === 0 ? 'idle' : 'good'} isPlain>
          {words.why(count)}
        </Badge>
        <span>{reason}</span>
        <span className="text-soft">
          {words.load({
            concurrency: shortNumber(load.concurrency),
            queue: shortNumber(load.queue),
            rps: shortNumber(load.rps),
          })}
        </span>
      </div>
      <div className="px-4">
        <StepChart steps={steps} max={policy.max} nowMs={nowMs} label={words.chart(name, count, steps.length)} />
      </div>
      {steps.length === 0 ? (
        <Lead>{words.noSteps}</Lead>
      ) : (
        <PlainTable
          label={words.steps(name)}
          headers={[words.columns.when, words.columns.change, words.columns.why]}
          rightCount={0}
          rows={steps
            .slice(-STEPS_MAX)
            .toReversed()
            .map(({ atMs, from, to, reason: why }) => ({
              key: String(atMs),
              cells: [
                <Instant key="when" ms={atMs} />,
                <span key="change" className="tabular whitespace-nowrap">
                  {words.change(from, to)}
                </span>,
                <span key="why" className="text-soft">
                  {why}
                </span>,
              ],
            }))}
        />
      )}
    </>
  )
}
