/** State tab: the desired and the reported state of the device, its problems, and its properties. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { Card, LabelTags } from '../../components/card.tsx'
import { AgentCard } from '../agents/agent-card.tsx'
import { DdiCard } from '../ddi/ddi-card.tsx'
import { PairCards } from '../pairs/pair-card.tsx'
import { DeviceTraffic } from '../traffic/device-traffic.tsx'
import { CertificateCard } from './certificate-card.tsx'
import { ConditionsCard } from './conditions-card.tsx'
import { EndpointsCard } from './endpoints-card.tsx'
import { devicePageTexts } from './english-device-page.ts'
import { InventoryCard } from './inventory-card.tsx'
import { AlertsCard } from './items/alerts-card.tsx'
import { ClusterCard } from './items/cluster-card.tsx'
import { DeploymentsCard } from './items/deployments-card.tsx'
import { EquipmentCard } from './items/equipment-card.tsx'
import { IntentCard } from './items/intent-card.tsx'
import { ItemsCard } from './items/items-card.tsx'
import { ResidencyCard } from './items/residency-card.tsx'
import { LogsCard } from './logs/logs-card.tsx'

/**
 * The tab. Data that a person fetches from the device (its logs) stands in the left column, below the data that it
 * reports by itself.
 */
export function StateTab({ device }: { device: DeviceDetail }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(20rem,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <AlertsCard device={device} />
        <ConditionsCard device={device} />
        <IntentCard device={device} />
        <ItemsCard device={device} />
        <DeviceTraffic device={device} />
        <ClusterCard device={device} />
        {device.ddi ? <DdiCard device={device} /> : <LogsCard device={device} />}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <DeploymentsCard device={device} />
        {!device.ddi && <EquipmentCard device={device} />}
        {!device.ddi && <PairCards device={device.name} />}
        <ResidencyCard device={device} />
        {!device.ddi && <EndpointsCard device={device} />}
        <LabelsCard labels={device.labels} />
        {!device.ddi && <AgentCards device={device} />}
      </div>
    </div>
  )
}

/** A device without an agent has none of these. */
const AgentCards = ({ device }: { device: DeviceDetail }) => (
  <>
    <AgentCard device={device} />
    <CertificateCard device={device} />
    <InventoryCard device={device} />
  </>
)

const LabelsCard = ({ labels }: Pick<DeviceDetail, 'labels'>) => (
  <Card title={devicePageTexts.labels}>
    {Object.keys(labels).length === 0 ? (
      <p className="text-sm text-soft">{devicePageTexts.noLabels}</p>
    ) : (
      <LabelTags labels={labels} />
    )}
  </Card>
)
