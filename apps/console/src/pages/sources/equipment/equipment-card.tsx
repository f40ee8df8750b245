/**
 * Equipment card: the equipment that a device finds at the address of a source. It offers a test read, before or after
 * the source is saved, and a browser.
 */
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { SOURCE_TEST_WAIT_MAX_MS } from '@skerry/contract/devices/device-command'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { useSettled } from '../../deploy/draft/use-settled.ts'
import { sourcesTexts } from '../english-sources.ts'
import { placeMissing } from '../place-fields.tsx'
import { sourceQueries } from '../source-queries.ts'
import { BrowsePanel } from './browse-panel.tsx'
import { DeviceField, deviceOf } from './device-field.tsx'
import { equipmentTexts as words } from './english-equipment.ts'
import { TagsFields, TagsNote, useTestTags } from './tags-field.tsx'
import { TestResult } from './test-result.tsx'
import type { TestTags } from './test-tags.ts'
import { type TestWish, useTestRead } from './use-test-read.ts'

/** The time that a device may wait for values. Equipment that sends by itself may do so rarely. */
const WAITS_MS = [10_000, 30_000, SOURCE_TEST_WAIT_MAX_MS] as const

type EquipmentProps = {
  scope: string
  /** The definition of the source, if it has no errors. */
  sound: ConnectionSpec | undefined
  /** The saved version of the source. */
  known?: Connection | undefined
  /** Set while the source is being edited. Then tags of the equipment can be added to its text. */
  editing?: { text: string; onText: (text: string) => void }
  /** The device whose equipment is shown at first. */
  browsed?: string | undefined
}

export function EquipmentCard({ scope, sound, known, editing, browsed }: EquipmentProps) {
  const asked = useSettled({ scope, spec: sound })
  const { spec } = asked
  const isAsked = spec !== undefined && !asked.scope.endsWith(':')
  const wish = { scope: asked.scope, spec: spec ?? NOTHING, name: spec?.name ?? NOTHING.name }
  const plan = useQuery({ ...sourceQueries.plan(wish), enabled: isAsked, placeholderData: keepPreviousData })
  const [chosen, setChosen] = useState(browsed)
  const [waitMs, setWaitMs] = useState<number>(WAITS_MS[0])
  const { trial, begin, cancel } = useTestRead()
  const browse = useBrowsed(browsed)
  const devices = plan.data?.devices
  const device = deviceOf(chosen, devices)
  const tags = useTestTags(sound)
  const test = useMemo(() => wishOf(sound, device, tags.chosen, waitMs), [sound, device, tags.chosen, waitMs])
  const waiting = (spec && placeMissing(asked.scope)) ?? sourcesTexts.edit.waiting
  if (!devices)
    return <Before waiting={isAsked ? undefined : waiting} error={plan.error} onRetry={() => void plan.refetch()} />
  if (devices.count === 0) return <Shell>{words.noDevice}</Shell>
  return (
    <Card title={words.title}>
      <div className="flex flex-col gap-4">
        <p className="max-w-prose text-sm text-soft">{words.lead}</p>
        <div className="flex flex-wrap items-end gap-3">
          <DeviceField devices={devices} device={device} onChoose={setChosen} />
          <TagsFields {...tags} />
          <WaitField waitMs={waitMs} onChoose={setWaitMs} />
          <GuardedButton
            permission="connection.write"
            blocked={blockedBy(sound, device, tags.chosen)}
            onClick={() => test && void begin(test)}
          >
            {words.test.verb}
          </GuardedButton>
          <BrowseButton device={device} known={known} sound={sound} onBrowse={editing && browse.begin} />
        </div>
        {sound && <TagsNote chosen={tags.chosen} />}
        <TestResult trial={trial} wish={test} onCancel={cancel} />
        {browse.at && known && editing && (
          <BrowsePanel
            key={`${browse.at.device} ${browse.at.round}`}
            {...{ ...editing, sound, source: known.name, protocol: known.protocol, device: browse.at.device }}
            onAgain={browse.again}
            onClose={browse.end}
          />
        )}
      </div>
    </Card>
  )
}

/** The device whose equipment is shown. Each round fetches anew. */
function useBrowsed(first: string | undefined) {
  const [at, setAt] = useState(first === undefined ? undefined : { device: first, round: 0 })
  return {
    at,
    begin: (device: string) => setAt({ device, round: (at?.round ?? 0) + 1 }),
    again: () => at && setAt({ ...at, round: at.round + 1 }),
    end: () => setAt(undefined),
  }
}

type BrowseProps = {
  device: string
  known: Connection | undefined
  sound: ConnectionSpec | undefined
  /** Absent if the source is only shown. Then a link leads to the page that can add tags. */
  onBrowse: ((device: string) => void) | undefined
}

function BrowseButton({ device, known, sound, onBrowse }: BrowseProps) {
  const navigate = useNavigate()
  const go = () => {
    if (onBrowse) onBrowse(device)
    else if (known)
      void navigate({ to: '/sources/$source/edit', params: { source: known.id }, search: { browse: device } })
  }
  const blocked = device === '' ? words.choose : unbrowsable(known, sound)
  return (
    <GuardedButton permission="device.inspect" blocked={known ? blocked : words.browse.unsaved} onClick={go}>
      {words.browse.verb}
    </GuardedButton>
  )
}

/** The protocols without a way to list the data points of the equipment. */
const UNLISTED: readonly string[] = ['modbus', 's7', 'knx', 'can', 'serial', 'camera']

/** A simulator lists the columns of a recording, and has nothing else to list. */
function unbrowsable(known: Connection | undefined, sound: ConnectionSpec | undefined): string | undefined {
  if (!known) return undefined
  const { protocol } = known
  const isBare = protocol === 'simulator' && sound !== undefined && !hasRecording(sound)
  return isBare || UNLISTED.includes(protocol) ? words.browse.unlisted(protocol) : undefined
}

const hasRecording = ({ connection }: ConnectionSpec) =>
  typeof connection === 'object' && connection !== null && 'recording' in connection

/** Stands for no source, and is never queried. */
const NOTHING: ConnectionSpec = { name: '' }

function blockedBy(sound: ConnectionSpec | undefined, device: string, { fittingCount }: TestTags): string | undefined {
  if (!sound) return sourcesTexts.edit.waiting
  if (device === '') return words.choose
  return fittingCount === 0 ? words.tags.none : undefined
}

function wishOf(
  sound: ConnectionSpec | undefined,
  device: string,
  { names, leftCount }: TestTags,
  waitMs: number,
): TestWish | undefined {
  return sound && device !== '' ? { device, spec: sound, tags: names, leftCount, waitMs } : undefined
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

type BeforeProps = { waiting: string | undefined; error: unknown; onRetry: () => void }

function Before({ waiting, error, onRetry }: BeforeProps) {
  if (waiting !== undefined) return <Shell>{waiting}</Shell>
  return <Card title={words.title}>{error ? <Failure error={error} onRetry={onRetry} /> : <Loading rows={2} />}</Card>
}
