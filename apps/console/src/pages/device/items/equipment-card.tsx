/** Equipment card: the sources and sinks that apply to the device, each with its state and a link to its page. */
import type { ConnectionKind, DeviceConnections } from '@skerry/contract/connections/connection'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../../components/card.tsx'
import { ReportedAt } from '../../../components/facts/reported-at.tsx'
import { useMissing } from '../../../hub/permission.ts'
import { sinkQueries } from '../../sinks/sink-queries.ts'
import { SourceBadge } from '../../sources/source-marks.tsx'
import { sourceQueries } from '../../sources/source-queries.ts'
import { deviceWords as words } from '../english-device.ts'

/** Nothing for a device without sources and sinks, and for a caller who may not read them. */
export function EquipmentCard({ device }: { device: DeviceDetail }) {
  const enabled = useMissing('connection.read') === undefined
  const sources = useQuery({ ...sourceQueries.ofDevice(device.name), enabled })
  const sinks = useQuery({ ...sinkQueries.ofDevice(device.name), enabled })
  const rows = [...rowsOf('source', sources.data), ...rowsOf('sink', sinks.data)]
  if (rows.length === 0) return null
  return (
    <Card title={words.equipment} aside={<ReportedAt device={device} />}>
      <ul className="flex flex-col gap-2 text-sm">{rows}</ul>
    </Card>
  )
}

const LINK = 'rounded font-medium hover:text-accent hover:underline'

function rowsOf(kind: ConnectionKind, said: DeviceConnections | undefined) {
  return (said?.connections ?? []).map(({ id, name }) => {
    const status = said?.running.find((each) => each.kind === kind && each.name === name)
    return (
      <li key={id} className="flex min-w-0 flex-wrap items-center gap-x-3">
        <span className="w-14 text-soft">{words.connectionKinds[kind]}</span>
        {kind === 'source' ? (
          <Link to="/sources/$source" params={{ source: id }} className={LINK}>
            {name}
          </Link>
        ) : (
          <Link to="/sinks/$sink" params={{ sink: id }} className={LINK}>
            {name}
          </Link>
        )}
        <SourceBadge state={status?.state ?? 'unsaid'} />
      </li>
    )
  })
}
