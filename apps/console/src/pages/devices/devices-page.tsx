/** Devices: all of them, filtered by words or a selector at the hub, with the filter in the address. */

import { problemOf } from '@skerry/client/problem'
import type { Device } from '@skerry/contract/devices/device'
import { type ShownHealth, shownHealth } from '@skerry/core/devices/tense'
import { looksForFailures, REMEMBERED_FAILURE } from '@skerry/core/language/device-fields'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { HEALTH_ORDER } from '../../components/facts/tones.ts'
import { Select } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { DataTable } from '../../components/rows/data-table.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { BulkBar } from './bulk-bar.tsx'
import { deviceColumns } from './device-columns.tsx'
import { DeviceFilter } from './device-filter.tsx'
import { devicesWords as words } from './english-devices.ts'
import { JoinButton } from './join-button.tsx'
import { createSelection, type Selection } from './selection.ts'
import { selectionColumn } from './selection-column.tsx'
import { WaitingEntry } from './waiting-entry.tsx'

/** Renders the page at /devices. */
export function DevicesPage() {
  const search = useSearch({ from: '/inside/devices' })
  const navigate = useNavigate({ from: '/devices' })
  const devices = useQuery(queries.devices(search.q))
  const shown = useMemo(() => ofHealth(devices.data ?? [], search.health), [devices.data, search.health])
  const refusal = devices.error ? problemOf(devices.error) : undefined
  const [selection] = useState(createSelection)
  const columns = useColumns(selection, shown)
  const isRefused = refusal?.code === 'filter_invalid'
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <Page
      isFull
      title={texts.devices.title}
      beside={!refusal && <Count shown={shown.length} isLoading={devices.isFetching && devices.data === undefined} />}
      actions={<JoinButton />}
    >
      <div className="flex flex-wrap items-start gap-2">
        <DeviceFilter
          value={search.q ?? ''}
          onChange={(q) => set({ q })}
          error={isRefused ? refusal.message : undefined}
        />
        <HealthSelect value={search.health} onChange={(health) => set({ health })} />
      </div>
      {search.health !== 'pending' && <WaitingEntry onShow={() => set({ q: undefined, health: 'pending' })} />}
      <BulkBar selection={selection} shown={shown} />
      <div className={cn('card flex min-h-0 flex-col overflow-hidden', isRefused && 'hidden')}>
        {devices.isPending && <Loading rows={8} />}
        {refusal && !isRefused && <Failure error={devices.error} onRetry={() => void devices.refetch()} />}
        {devices.isSuccess && shown.length === 0 && (
          <NoDevices
            isFiltered={search.q !== undefined || search.health !== undefined}
            isAboutFailures={search.health === 'failed' || looksForFailures(search.q ?? '')}
            onRemembered={() => set({ q: REMEMBERED_FAILURE, health: undefined })}
            onClear={() => set({ q: undefined, health: undefined })}
          />
        )}
        {shown.length > 0 && !refusal && (
          <DataTable
            label={texts.devices.title}
            rows={shown}
            columns={columns}
            rowKey={({ id }) => id}
            sort={search.sort ?? 'name'}
            onSort={(sort) => set({ sort })}
          />
        )}
      </div>
    </Page>
  )
}

/** The array stays the same as long as the page exists. A new array would sort ten thousand rows again. */
function useColumns(selection: Selection, shown: readonly Device[]) {
  const latest = useRef(shown)
  latest.current = shown
  return useMemo(() => [selectionColumn(selection, () => latest.current), ...deviceColumns], [selection])
}

/** A stopped device is also a stale one, as the numbers on the overview count it. */
const ofHealth = (devices: readonly Device[], health: ShownHealth | undefined) =>
  health === undefined
    ? devices
    : devices.filter((device) => device.health === health || shownHealth(device) === health)

const Count = ({ shown, isLoading }: { shown: number; isLoading: boolean }) => (
  <span role="status" className="text-sm text-soft tabular">
    {isLoading ? texts.devices.loadingCount(shown) : texts.devices.count(shown)}
  </span>
)

type HealthProps = { value: ShownHealth | undefined; onChange: (health: ShownHealth | undefined) => void }

/** `stopped` follows the word that includes it. */
const SHOWN_HEALTHS: readonly ShownHealth[] = HEALTH_ORDER.flatMap((health) =>
  health === 'stale' ? [health, 'stopped'] : [health],
)

const HealthSelect = ({ value, onChange }: HealthProps) => (
  <Select
    aria-label={texts.devices.healthFilter}
    className="w-40"
    value={value ?? ''}
    onChange={(event) => onChange(SHOWN_HEALTHS.find((health) => health === event.target.value))}
  >
    <option value="">{texts.devices.any}</option>
    {SHOWN_HEALTHS.map((health) => (
      <option key={health} value={health}>
        {texts.health[health]}
      </option>
    ))}
  </Select>
)

type NoDevicesProps = {
  isFiltered: boolean
  isAboutFailures: boolean
  onRemembered: () => void
  onClear: () => void
}

function NoDevices({ isFiltered, isAboutFailures, onRemembered, onClear }: NoDevicesProps) {
  if (isAboutFailures)
    return (
      <Empty
        icon={Server}
        title={texts.devices.noMatch}
        hint={words.noFailure}
        action={<Button onClick={onRemembered}>{words.showRemembered}</Button>}
      />
    )
  if (isFiltered)
    return (
      <Empty
        icon={Server}
        title={texts.devices.noMatch}
        hint={texts.devices.noMatchHint}
        action={<Button onClick={onClear}>{texts.devices.clear}</Button>}
      />
    )
  return <Empty icon={Server} title={texts.devices.empty} hint={texts.devices.emptyHint} action={<JoinButton />} />
}
