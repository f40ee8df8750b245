/** Sink test result: how far a device came at the destination of a sink, and the reason if it came no further. */
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import { Badge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { TrialFailed, TrialNote, TrialRunning } from '../sources/equipment/trial-state.tsx'
import { sinksTexts } from './english-sinks.ts'
import type { SinkTestTrial, SinkTestWish } from './use-sink-test.ts'

const words = sinksTexts.test

type ResultProps = {
  trial: SinkTestTrial
  /** The test that the button would start now. Results of a different test are old. */
  wish: SinkTestWish | undefined
  onCancel: () => void
}

export function SinkTestResult({ trial, wish, onCancel }: ResultProps) {
  switch (trial.kind) {
    case 'none':
      return null
    case 'cancelled':
      return <TrialNote text={words.cancelled} />
    case 'running':
      return <TrialRunning text={words.running(trial.wish.device)} sinceMs={trial.sinceMs} onCancel={onCancel} />
    case 'failed':
      return <TrialFailed problem={trial.problem} />
    case 'read':
      return <Reached read={trial} wish={wish} />
  }
}

type ReachedProps = { read: Extract<SinkTestTrial, { kind: 'read' }>; wish: SinkTestWish | undefined }

function Reached({ read: { wish: tried, found }, wish }: ReachedProps) {
  const { reached, cause, valueId, atMs, device } = found
  const isOld = useMemo(() => JSON.stringify(wish) !== JSON.stringify(tried), [wish, tried])
  return (
    <div role="status" className="flex min-w-0 flex-col gap-1.5 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={cause ? 'bad' : 'good'} icon={cause ? CircleX : CircleCheck}>
          {cause ? words.failed : words.passed}
        </Badge>
        <span className="inline-flex flex-wrap items-center gap-x-1.5 text-soft">
          <Instant ms={atMs} isAbsolute /> {words.on} <DeviceLink device={device} />
        </span>
      </p>
      <p>{words.reached[reached]}</p>
      {cause && <p className="wrap-anywhere text-bad">{`${cause.code}: ${cause.message}`}</p>}
      {valueId !== undefined && <p className="wrap-anywhere text-soft">{words.value(tried.spec.name, valueId)}</p>}
      {isOld && (
        <p className="flex items-start gap-2">
          <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
          {words.old}
        </p>
      )}
    </div>
  )
}
