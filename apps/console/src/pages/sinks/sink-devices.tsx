/**
 * Sink devices: the devices that a sink applies to, each with its report. A report shows whether the destination
 * accepts values, and has the pending and lost values.
 */
import type {
  Connection,
  ConnectionSpec,
  ConnectionStatus,
  DeviceConnections,
} from '@skerry/contract/connections/connection'
import { useQueries, useQuery } from '@tanstack/react-query'
import { sizeText } from '../../components/charts/amounts.ts'
import { AffectedDevices } from '../../components/dialogs/affected-devices.tsx'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { ageText } from '../../components/facts/age-text.ts'
import { Badge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { RateCell } from '../../components/facts/rate-cell.tsx'
import { ReportedAt } from '../../components/facts/reported-at.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { CONNECTION_LOOKS, type SaidState } from '../sources/source-marks.tsx'
import { sinksTexts } from './english-sinks.ts'
import { sinkQueries } from './sink-queries.ts'

const words = sinksTexts.devices

export function SinkDevices({ connection, spec }: { connection: Connection; spec: ConnectionSpec }) {
  const { name, scope } = connection
  const plan = useQuery(sinkQueries.plan({ name, scope, spec }))
  return <AffectedDevices words={words} plan={plan} rows={(names) => <Rows connection={connection} names={names} />} />
}

function Rows({ connection, names }: { connection: Connection; names: readonly string[] }) {
  const answers = useQueries({ queries: names.map((device) => sinkQueries.ofDevice(device)) })
  const { device, state, since, waiting, oldest, lost, rate, note } = words.columns
  return (
    <PlainTable
      label={words.title}
      headers={[device, state, since, waiting, oldest, lost, rate, note]}
      rightCount={0}
      rows={names.map((name, index) => ({
        key: name,
        cells: [<DeviceLink key="device" device={name} />, ...sinkCells(connection, answers[index]?.data)],
      }))}
    />
  )
}

/** The cells of a sink on one device: its state, its queue, its rate and the message. */
export function sinkCells(connection: Connection, said: DeviceConnections | undefined) {
  // A source may have the same name.
  const status = said?.running.find(({ kind, name }) => kind === 'sink' && name === connection.name)
  const { waiting = 0, waitingBytes = 0, oldestMs, lost = 0 } = status?.figures ?? {}
  return [
    <span key="state" className="inline-flex flex-wrap items-center gap-x-2 align-middle">
      <SinkBadge state={status?.state ?? 'unsaid'} />
      {said && <ReportedAt device={said} isMissing={!status} />}
    </span>,
    status ? <Instant key="since" ms={status.sinceMs} className="text-soft tabular whitespace-nowrap" /> : '',
    <span key="waiting" className="whitespace-nowrap">
      {status?.figures ? words.waiting(waiting, sizeText(waitingBytes)) : ''}
    </span>,
    oldestMs === undefined ? '' : ageText(oldestMs),
    <span key="lost" className={lost > 0 ? 'font-medium text-bad' : 'text-soft'}>
      {status?.figures ? words.lost(lost) : ''}
    </span>,
    <RateCell key="rate" status={status} saidAtMs={said?.saidAtMs} />,
    <span key="note" className="block min-w-44 text-soft wrap-anywhere">
      {noteOf(connection, status)}
    </span>,
  ]
}

const SinkBadge = ({ state }: { state: SaidState }) => (
  <Tooltip text={words.stateHints[state]}>
    <Badge tone={CONNECTION_LOOKS[state].tone} icon={CONNECTION_LOOKS[state].icon} isPlain>
      {words.states[state]}
    </Badge>
  </Tooltip>
)

/** The note of a device: errors before counts. */
function noteOf({ digest }: Connection, status: ConnectionStatus | undefined): string {
  if (!status) return ''
  const crashes = status.figures?.crashes ?? 0
  const behind = status.digest === digest ? '' : words.behind
  return [status.cause?.message ?? '', behind, crashes > 0 ? words.crashes(crashes) : '']
    .filter((text) => text !== '')
    .join('; ')
}
