/**
 * Sink test card: lets a device test the destination of a sink, before or after the sink is saved. Without a test value
 * nothing is written there.
 */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { useSettled } from '../deploy/draft/use-settled.ts'
import { DeviceField, deviceOf } from '../sources/equipment/device-field.tsx'
import { placeMissing } from '../sources/place-fields.tsx'
import { sinksTexts } from './english-sinks.ts'
import { sinkQueries } from './sink-queries.ts'
import { SinkTestResult } from './sink-test-result.tsx'
import { useSinkTest } from './use-sink-test.ts'

const words = sinksTexts.test

type SinkTestProps = {
  scope: string
  /** The definition of the sink, if it has no errors. */
  sound: ConnectionSpec | undefined
}

export function SinkTestCard({ scope, sound }: SinkTestProps) {
  const asked = useSettled({ scope, spec: sound })
  const isAsked = asked.spec !== undefined && !asked.scope.endsWith(':')
  const spec = asked.spec ?? NOTHING
  const plan = useQuery({
    ...sinkQueries.plan({ name: spec.name, scope: asked.scope, spec }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  })
  const [chosen, setChosen] = useState<string>()
  const [isSent, setSent] = useState(false)
  const { trial, begin, cancel } = useSinkTest()
  const devices = plan.data?.devices
  const device = deviceOf(chosen, devices)
  const wish = useMemo(
    () => (sound && device !== '' ? { device, spec: sound, send: isSent } : undefined),
    [sound, device, isSent],
  )
  if (!devices)
    return (
      <Card title={words.title}>
        {!isAsked && <p className="text-sm text-soft">{(asked.spec && placeMissing(asked.scope)) ?? words.waiting}</p>}
        {isAsked && plan.error && <Failure error={plan.error} onRetry={() => void plan.refetch()} />}
        {isAsked && !plan.error && <Loading rows={2} />}
      </Card>
    )
  if (devices.count === 0)
    return (
      <Card title={words.title}>
        <p className="text-sm text-soft">{words.noDevice}</p>
      </Card>
    )
  return (
    <Card title={words.title}>
      <div className="flex flex-col gap-4">
        <p className="max-w-prose text-sm text-soft">{words.lead}</p>
        <div className="flex flex-wrap items-end gap-3">
          <DeviceField devices={devices} device={device} onChoose={setChosen} />
          <GuardedButton
            permission="connection.write"
            blocked={blockedBy(sound, device)}
            onClick={() => wish && void begin(wish)}
          >
            {words.verb}
          </GuardedButton>
        </div>
        <label className="flex items-start gap-2 text-sm">
          <input type="checkbox" className="mt-1" checked={isSent} onChange={({ target }) => setSent(target.checked)} />
          <span className="min-w-0">
            {words.send}
            <span className="block text-xs wrap-anywhere text-soft">{words.sendHint(sound?.name ?? words.name)}</span>
          </span>
        </label>
        <SinkTestResult trial={trial} wish={wish} onCancel={cancel} />
      </div>
    </Card>
  )
}

/** Stands for no sink, and is never queried. */
const NOTHING: ConnectionSpec = { name: '' }

function blockedBy(sound: ConnectionSpec | undefined, device: string): string | undefined {
  if (!sound) return words.waiting
  return device === '' ? words.choose : undefined
}
