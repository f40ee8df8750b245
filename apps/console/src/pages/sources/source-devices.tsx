/** Source devices: the devices that a source counts on, each with what it says of it. */
import type { Connection, ConnectionSpec, ConnectionStatus, DeviceConnections } from '@skerry/contract/connection'
import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { DeviceLink } from '../../components/device-link.tsx'
import { Instant } from '../../components/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { sourceQueries } from '../../hub/source-queries.ts'
import { number } from '../../texts/count.ts'
import { equipmentTexts } from '../../texts/english-equipment.ts'
import { sourcesTexts } from '../../texts/english-sources.ts'
import { RestartButton } from './restart-button.tsx'
import { SourceBadge } from './source-marks.tsx'

const words = sourcesTexts.devices

/** Each is a question of its own: a screen full, then another one. */
const SHOWN_AT_ONCE = 20

type SourceProps = { connection: Connection; spec: ConnectionSpec }

/** The card. */
export function SourceDevices({ connection, spec }: SourceProps) {
  const { name, scope } = connection
  const { data, error, refetch } = useQuery(sourceQueries.plan({ name, scope, spec }))
  const [shown, setShown] = useState(SHOWN_AT_ONCE)
  if (!data)
    return (
      <Card title={words.title}>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={3} />}
      </Card>
    )
  const { devices, overridden } = data
  const left = devices.names.length - shown
  return (
    <Card title={words.title} isFlush>
      <p className="px-4 py-2.5 text-sm text-soft">
        {devices.count === 0 ? words.none : words.lead(devices.count, overridden.count)}
      </p>
      {devices.count > 0 && (
        <div className="border-t border-line">
          <Rows connection={connection} names={devices.names.slice(0, shown)} />
        </div>
      )}
      {left > 0 && (
        <div className="flex items-center gap-3 border-t border-line px-4 py-2">
          <Button isSmall onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
            {words.more(Math.min(left, SHOWN_AT_ONCE))}
          </Button>
          {devices.count > devices.names.length && (
            <span className="text-xs text-soft">{words.unnamed(devices.count - devices.names.length)}</span>
          )}
        </div>
      )}
    </Card>
  )
}

function Rows({ connection, names }: { connection: Connection; names: readonly string[] }) {
  const answers = useQueries({ queries: names.map((device) => sourceQueries.ofDevice(device)) })
  const { columns } = words
  return (
    <PlainTable
      label={words.title}
      headers={[
        columns.device,
        columns.state,
        columns.since,
        columns.note,
        columns.rate,
        columns.live,
        columns.restart,
      ]}
      rows={names.map((device, index) => ({
        key: device,
        cells: [
          <DeviceLink key="device" device={device} />,
          ...cellsOf(connection, answers[index]?.data),
          <LiveLink key="live" source={connection.id} device={device} />,
          <RestartButton
            key="restart"
            source={connection.name}
            device={device}
            state={statusOf(connection, answers[index]?.data)?.state ?? 'unsaid'}
            isSmall
          />,
        ],
      }))}
    />
  )
}

const LiveLink = ({ source, device }: { source: string; device: string }) => (
  <Link
    to="/sources/$source/devices/$device"
    params={{ source, device }}
    aria-label={words.liveOn(device)}
    className="rounded font-medium whitespace-nowrap text-accent hover:underline"
  >
    {words.live}
  </Link>
)

/** A sink may have the name, too. */
const statusOf = ({ name }: Connection, said: DeviceConnections | undefined) =>
  said?.running.find(({ kind, name: each }) => kind === 'source' && each === name)

function cellsOf(connection: Connection, said: DeviceConnections | undefined) {
  const status = statusOf(connection, said)
  return [
    <SourceBadge key="state" state={status?.state ?? 'unsaid'} />,
    status ? <Instant key="since" ms={status.sinceMs} className="text-soft tabular whitespace-nowrap" /> : '',
    <span key="note" className="text-soft wrap-anywhere">
      {noteOf(connection, status)}
    </span>,
    status?.figures ? number.format(Math.round(status.figures.valuesPerSecond * 10) / 10) : '',
  ]
}

/** What is wrong, before what is only counted. */
function noteOf({ digest }: Connection, status: ConnectionStatus | undefined): string {
  if (!status) return ''
  const { cause, figures } = status
  const counted = figures ? words.figures(figures.skipped, figures.lost, figures.crashes) : ''
  const behind = status.digest === digest ? '' : words.behind
  const left = status.state === 'quarantined' ? equipmentTexts.restart.quarantinedNote : ''
  return [cause?.message ?? '', left, behind, counted].filter((text) => text !== '').join('; ')
}
