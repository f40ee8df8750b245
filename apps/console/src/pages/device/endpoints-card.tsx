/** Endpoints card: the addresses at which applications near the device reach its models. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { Card, Facts } from '../../components/card.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { ReportedAt } from '../../components/facts/reported-at.tsx'
import { deviceWords as words } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'

const { rest: restName, grpc: grpcName } = devicePageTexts.inventoryFields

export function EndpointsCard({ device }: { device: DeviceDetail }) {
  const { rest, grpc } = device.endpoints
  const rows = [
    ...(rest === undefined ? [] : ([[restName, <Copyable key="rest" value={rest} what={restName} />]] as const)),
    ...(grpc === undefined ? [] : ([[grpcName, <Copyable key="grpc" value={grpc} what={grpcName} />]] as const)),
  ]
  return (
    <Card title={words.endpoints} aside={<ReportedAt device={device} />}>
      {rows.length === 0 ? (
        <p className="text-sm text-soft">{words.noEndpoints}</p>
      ) : (
        <>
          <Facts rows={rows} />
          <p className="mt-3 text-xs text-soft">{words.endpointsHint}</p>
        </>
      )}
    </Card>
  )
}
