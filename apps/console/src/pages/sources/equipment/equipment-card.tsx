/** Equipment card: what a device finds where a source says that its equipment is: a test read, before the source is saved or after. */
import type { ConnectionSpec } from '@skerry/contract/connection'
import { SOURCE_TEST_WAIT_MAX_MS } from '@skerry/contract/device-command'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo, useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { sourceQueries } from '../../../hub/source-queries.ts'
import { equipmentTexts as words } from '../../../texts/english-equipment.ts'
import { sourcesTexts } from '../../../texts/english-sources.ts'
import { useSettled } from '../../deploy/use-settled.ts'
import { DeviceField } from './device-field.tsx'
import { TestResult } from './test-result.tsx'
import { useTestRead } from './use-test-read.ts'

/** How long a device may wait for values: what speaks by itself may do so seldom. */
const WAITS_MS = [10_000, 30_000, SOURCE_TEST_WAIT_MAX_MS] as const

type EquipmentProps = {
  scope: string
  /** What the source says, where nothing is wrong with it. */
  sound: ConnectionSpec | undefined
}

export function EquipmentCard({ scope, sound }: EquipmentProps) {
  const asked = useSettled({ scope, spec: sound })
  const { spec } = asked
  const isAsked = spec !== undefined && !asked.scope.endsWith(':')
  const wish = { scope: asked.scope, spec: spec ?? NOTHING, name: spec?.name ?? NOTHING.name }
  const plan = useQuery({ ...sourceQueries.plan(wish), enabled: isAsked, placeholderData: keepPreviousData })
  const [chosen, setChosen] = useState<string>()
  const [waitMs, setWaitMs] = useState<number>(WAITS_MS[0])
  const { trial, begin, cancel } = useTestRead()
  const devices = plan.data?.devices
  const device = deviceOf(chosen, devices)
  const test = useMemo(
    () => (sound && device !== '' ? { device, spec: sound, waitMs } : undefined),
    [sound, device, waitMs],
  )
  if (!devices) return <Before isAsked={isAsked} error={plan.error} onRetry={() => void plan.refetch()} />
  if (devices.count === 0) return <Shell>{words.noDevice}</Shell>
  return (
    <Card title={words.title}>
      <div className="flex flex-col gap-4">
        <p className="max-w-prose text-sm text-soft">{words.lead}</p>
        <div className="flex flex-wrap items-end gap-3">
          <DeviceField devices={devices} device={device} onChoose={setChosen} />
          <WaitField waitMs={waitMs} onChoose={setWaitMs} />
          <GuardedButton
            permission="connection.write"
            blocked={blockedBy(sound, device)}
            onClick={() => test && void begin(test)}
          >
            {words.test.verb}
          </GuardedButton>
        </div>
        <TestResult trial={trial} wish={test} onCancel={cancel} />
      </div>
    </Card>
  )
}

/** Never asked about. */
const NOTHING: ConnectionSpec = { name: '' }

/** What somebody chose, as long as it is there; the first at the beginning. */
function deviceOf(chosen: string | undefined, devices: { count: number; names: string[] } | undefined): string {
  const { count, names } = devices ?? { count: 0, names: [] }
  const isKnown = chosen !== undefined && (count > names.length || names.includes(chosen))
  return isKnown ? chosen : (names[0] ?? '')
}

function blockedBy(sound: ConnectionSpec | undefined, device: string): string | undefined {
  if (!sound) return sourcesTexts.edit.waiting
  return device === '' ? words.choose : undefined
}

type WaitProps = { waitMs: number; onChoose: (ms: number) => void }

const WaitField = ({ waitMs, onChoose }: WaitProps) => (
  <Field label={words.wait}>
    {(control) => (
      <Select {...control} value={waitMs} onChange={({ target }) => onChoose(Number(target.value))}>
        {WAITS_MS.map((ms) => (
          <option key={ms} value={ms}>
            {words.waits(ms)}
          </option>
        ))}
      </Select>
    )}
  </Field>
)

const Shell = ({ children }: { children: ReactNode }) => (
  <Card title={words.title}>
    <p className="text-sm text-soft">{children}</p>
  </Card>
)

type BeforeProps = { isAsked: boolean; error: unknown; onRetry: () => void }

function Before({ isAsked, error, onRetry }: BeforeProps) {
  if (!isAsked) return <Shell>{sourcesTexts.edit.waiting}</Shell>
  return <Card title={words.title}>{error ? <Failure error={error} onRetry={onRetry} /> : <Loading rows={2} />}</Card>
}
