/** Inventory card: what the machine is, and where applications near it reach its models. */
import type { DeviceDetail } from '@skerry/contract/device'
import { sizeText } from '../../components/amounts.ts'
import { Card, Facts } from '../../components/card.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { texts } from '../../texts/english.ts'

const { inventory: title, inventoryFields: fields, cores, noInventory } = texts.device

/** The card. */
export function InventoryCard({ device: { inventory, agentVersion, endpoints } }: { device: DeviceDetail }) {
  if (inventory === undefined)
    return (
      <Card title={title}>
        <p className="text-sm text-soft">{noInventory}</p>
      </Card>
    )
  return (
    <Card title={title}>
      <Facts
        rows={[
          [fields.hostname, inventory.hostname],
          [fields.os, `${inventory.os} ${inventory.arch}`],
          [fields.cpu, `${inventory.cpuModel}, ${cores(inventory.cpuCount)}`],
          [fields.memory, sizeText(inventory.memoryBytes)],
          [fields.disk, sizeText(inventory.diskFreeBytes)],
          [fields.capabilities, inventory.capabilities.join(', ')],
          [fields.opset, inventory.opsetMax],
          [fields.agent, agentVersion ?? texts.common.unknown],
          [
            fields.rest,
            endpoints.rest === undefined ? (
              texts.common.unknown
            ) : (
              <Copyable key="rest" value={endpoints.rest} what={fields.rest} />
            ),
          ],
          [
            fields.grpc,
            endpoints.grpc === undefined ? (
              texts.common.unknown
            ) : (
              <Copyable key="grpc" value={endpoints.grpc} what={fields.grpc} />
            ),
          ],
        ]}
      />
    </Card>
  )
}
