/** History tab: what happened to the device, filtered by kind in the address, and what was done to it by people. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { DEVICE_EVENTS_MAX, DeviceEventKind } from '@skerry/contract/devices/device-event'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { CloudOff, History } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Select } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { DataTable } from '../../components/rows/data-table.tsx'
import { RecentAudit } from '../overview/recent-audit.tsx'
import { deviceQueries } from './device-queries.ts'
import { deviceWords as words } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'
import { eventColumns } from './event-columns.tsx'

/** The tab. */
export function HistoryTab({ device }: { device: DeviceDetail }) {
  return (
    <div className="flex flex-col gap-4">
      <EventsCard device={device} />
      <RecentAudit object={device.id} title={devicePageTexts.audit} />
    </div>
  )
}

function EventsCard({ device }: { device: DeviceDetail }) {
  const { kind: asked } = useSearch({ from: '/inside/devices/$device' })
  const kind = DeviceEventKind.safeParse(asked).data
  const { data, error, refetch } = useQuery(deviceQueries.events(device))
  const [sort, setSort] = useState('-at')
  const shown = useMemo(
    () => (kind === undefined ? data : data?.filter(({ change }) => change.kind === kind)),
    [data, kind],
  )
  return (
    <Card title={words.events} isFlush aside={<KindSelect kind={kind} />}>
      <p role="status" className="border-b border-line px-4 py-2 text-xs text-soft">
        {shown && <span className="font-medium text-text">{words.eventsCount(shown.length)}. </span>}
        {words.eventsHint(DEVICE_EVENTS_MAX)}
      </p>
      {device.liveness === 'stale' && <SilentNow sinceMs={device.lastSeenAtMs} />}
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={6} />}
      {shown?.length === 0 && (
        <Empty icon={History} title={kind === undefined ? words.noEvents : words.noEventsOfKind} />
      )}
      {shown && shown.length > 0 && (
        <DataTable
          label={words.events}
          rows={shown}
          columns={eventColumns}
          rowKey={({ sequence }) => String(sequence)}
          sort={sort}
          onSort={setSort}
          className="max-h-[32rem]"
        />
      )}
    </Card>
  )
}

/** A silence has no event until it ends; what is known of it is said here. */
const SilentNow = ({ sinceMs }: { sinceMs: number | undefined }) => (
  <p className="flex items-center gap-2 border-b border-line px-4 py-2 text-sm">
    <CloudOff size={15} aria-hidden className="text-idle" />
    <span>
      {words.silentNow} <Instant ms={sinceMs} isAbsolute />. {words.silentNowHint}
    </span>
  </p>
)

function KindSelect({ kind }: { kind: DeviceEventKind | undefined }) {
  const navigate = useNavigate({ from: '/devices/$device' })
  return (
    <Select
      aria-label={words.kind}
      className="w-44"
      value={kind ?? ''}
      onChange={(event) =>
        void navigate({ search: (before) => ({ ...before, kind: event.target.value || undefined }), replace: true })
      }
    >
      <option value="">{words.anyKind}</option>
      {DeviceEventKind.options.map((each) => (
        <option key={each} value={each}>
          {words.kinds[each]}
        </option>
      ))}
    </Select>
  )
}
