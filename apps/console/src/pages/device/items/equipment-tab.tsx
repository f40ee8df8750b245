/** Equipment tab: the sources and sinks of the device, each with its state, its values a second and its last error. */
import type { Connection, DeviceConnections } from '@skerry/contract/connections/connection'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Cable } from 'lucide-react'
import type { ReactNode } from 'react'
import { Card } from '../../../components/card.tsx'
import { Hidden } from '../../../components/hidden.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { useMissing } from '../../../hub/permission.ts'
import { sinksTexts } from '../../sinks/english-sinks.ts'
import { sinkCells } from '../../sinks/sink-devices.tsx'
import { sinkQueries } from '../../sinks/sink-queries.ts'
import { sourcesTexts } from '../../sources/english-sources.ts'
import { RestartButton } from '../../sources/restart-button.tsx'
import { LiveLink, sourceCells, statusOf } from '../../sources/source-devices.tsx'
import { ProtocolMark } from '../../sources/source-marks.tsx'
import { sourceQueries } from '../../sources/source-queries.ts'
import { deviceWords } from '../english-device.ts'

const words = deviceWords.equipmentTab

export function EquipmentTab({ device: { name } }: { device: DeviceDetail }) {
  const missing = useMissing('connection.read')
  const enabled = missing === undefined
  const sources = useQuery({ ...sourceQueries.ofDevice(name), enabled })
  const sinks = useQuery({ ...sinkQueries.ofDevice(name), enabled })
  if (missing !== undefined) return <Hidden reason={missing} />
  const failed = [sources, sinks].find(({ data, error }) => error && !data)
  if (failed?.error)
    return (
      <Card>
        <Failure error={failed.error} onRetry={() => void failed.refetch()} />
      </Card>
    )
  if (!sources.data || !sinks.data)
    return (
      <Card>
        <Loading rows={4} />
      </Card>
    )
  if (sources.data.connections.length + sinks.data.connections.length === 0)
    return (
      <Card>
        <Empty icon={Cable} title={words.none} hint={words.noneHint} action={<NewLinks device={name} />} />
      </Card>
    )
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="flex justify-end">
        <NewLinks device={name} />
      </div>
      <Sources device={name} found={sources.data} />
      <Sinks found={sinks.data} />
    </div>
  )
}

const ACTION = 'text-sm font-medium text-accent hover:underline'

/** The new source or sink is for this device. */
const NewLinks = ({ device }: { device: string }) => (
  <span className="flex gap-4">
    <Link to="/sources/new" search={{ device }} className={ACTION}>
      {sourcesTexts.create}
    </Link>
    <Link to="/sinks/new" search={{ device }} className={ACTION}>
      {sinksTexts.create}
    </Link>
  </span>
)

const LINK = 'rounded font-medium hover:text-accent hover:underline'

function Sources({ device, found }: { device: string; found: DeviceConnections }) {
  const { state, since, note, rate, live, restart } = sourcesTexts.devices.columns
  const headers = [sourcesTexts.columns.name, words.protocol, state, since, note, rate, live, restart]
  return (
    <Group title={words.sources} headers={headers} connections={found.connections}>
      {(source) => [
        <Link key="name" to="/sources/$source" params={{ source: source.id }} className={LINK}>
          {source.name}
        </Link>,
        <ProtocolMark key="protocol" protocol={source.protocol} />,
        ...sourceCells(source, found),
        <LiveLink key="live" source={source.id} device={device} />,
        <RestartButton
          key="restart"
          source={source.name}
          device={device}
          state={statusOf(source, found)?.state ?? 'unsaid'}
          isSmall
        />,
      ]}
    </Group>
  )
}

function Sinks({ found }: { found: DeviceConnections }) {
  const { state, since, waiting, oldest, lost, rate, note } = sinksTexts.devices.columns
  const headers = [sinksTexts.columns.name, words.protocol, state, since, waiting, oldest, lost, rate, note]
  return (
    <Group title={words.sinks} headers={headers} connections={found.connections} rightCount={0}>
      {(sink) => [
        <Link key="name" to="/sinks/$sink" params={{ sink: sink.id }} className={LINK}>
          {sink.name}
        </Link>,
        <span key="protocol" className="font-mono text-xs">
          {sink.protocol}
        </span>,
        ...sinkCells(sink, found),
      ]}
    </Group>
  )
}

type GroupProps = {
  title: string
  headers: readonly string[]
  connections: readonly Connection[]
  /** None if the last column is the message of the device. */
  rightCount?: 0 | 1
  children: (connection: Connection) => ReactNode[]
}

const Group = ({ title, headers, connections, rightCount = 1, children }: GroupProps) =>
  connections.length > 0 && (
    <Card title={title} isFlush>
      <PlainTable
        label={title}
        headers={headers}
        largeOnly={[words.protocol]}
        rightCount={rightCount}
        rows={connections.map((connection) => ({ key: connection.id, cells: children(connection) }))}
      />
    </Card>
  )
