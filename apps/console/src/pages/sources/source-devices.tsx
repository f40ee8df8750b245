/** Source devices: the devices that a source applies to, each with its report. */
import type {
  Connection,
  ConnectionSpec,
  ConnectionStatus,
  DeviceConnections,
} from '@skerry/contract/connections/connection'
import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { AffectedDevices } from '../../components/dialogs/affected-devices.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { RateCell } from '../../components/facts/rate-cell.tsx'
import { ReportedAt } from '../../components/facts/reported-at.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { sourcesTexts } from './english-sources.ts'
import { equipmentTexts } from './equipment/english-equipment.ts'
import { RestartButton } from './restart-button.tsx'
import { SourceBadge } from './source-marks.tsx'
import { sourceQueries } from './source-queries.ts'

const words = sourcesTexts.devices

type SourceProps = { connection: Connection; spec: ConnectionSpec }

export function SourceDevices({ connection, spec }: SourceProps) {
  const { name, scope } = connection
  const plan = useQuery(sourceQueries.plan({ name, scope, spec }))
  return <AffectedDevices words={words} plan={plan} rows={(names) => <Rows connection={connection} names={names} />} />
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
          ...sourceCells(connection, answers[index]?.data),
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

export const LiveLink = ({ source, device }: { source: string; device: string }) => (
  <Link
    to="/sources/$source/devices/$device"
    params={{ source, device }}
    aria-label={words.liveOn(device)}
    className="rounded font-medium whitespace-nowrap text-accent hover:underline"
  >
    {words.live}
  </Link>
)

/** A sink may have the same name. */
export const statusOf = ({ name }: Connection, said: DeviceConnections | undefined) =>
  said?.running.find(({ kind, name: each }) => kind === 'source' && each === name)

/** The cells of a source on one device: its state, the time, the message and the rate. */
export function sourceCells(connection: Connection, said: DeviceConnections | undefined) {
  const status = statusOf(connection, said)
  return [
    <span key="state" className="inline-flex flex-wrap items-center gap-x-2 align-middle">
      <SourceBadge state={status?.state ?? 'unsaid'} />
      {said && <ReportedAt device={said} isMissing={!status} />}
    </span>,
    status ? <Instant key="since" ms={status.sinceMs} className="text-soft tabular whitespace-nowrap" /> : '',
    <span key="note" className="block min-w-36 text-soft wrap-anywhere xl:min-w-44">
      {noteOf(connection, status)}
    </span>,
    <RateCell key="rate" status={status} saidAtMs={said?.saidAtMs} />,
  ]
}

/** The note of a device: errors before counts. */
function noteOf({ digest }: Connection, status: ConnectionStatus | undefined): string {
  if (!status) return ''
  const { cause, figures } = status
  const counted = figures ? words.figures(figures.skipped, figures.lost, figures.crashes) : ''
  const behind = status.digest === digest ? '' : words.behind
  const left = status.state === 'quarantined' ? equipmentTexts.restart.quarantinedNote : ''
  return [cause?.message ?? '', left, behind, counted].filter((text) => text !== '').join('; ')
}
