/** Inventory card: the hardware and system of the machine. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { lineWords, statedWords } from '@skerry/core/places/line-text'
import { Card, Facts } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { ReportedAt } from '../../components/facts/reported-at.tsx'
import { texts } from '../../texts/english.ts'
import { devicePageTexts } from './english-device-page.ts'

const { inventory: title, inventoryFields: fields, cores, noInventory } = devicePageTexts

export function InventoryCard({ device }: { device: DeviceDetail }) {
  const { inventory, agentVersion } = device
  if (inventory === undefined)
    return (
      <Card title={title}>
        <p className="text-sm text-soft">{noInventory}</p>
      </Card>
    )
  return (
    <Card title={title} aside={<ReportedAt device={device} />}>
      <Facts
        rows={[
          [fields.hostname, inventory.hostname],
          [fields.os, `${inventory.os} ${inventory.arch}`],
          [fields.cpu, `${inventory.cpuModel}, ${cores(inventory.cpuCount)}`],
          [fields.memory, sizeText(inventory.memoryBytes)],
          [fields.disk, sizeText(inventory.diskFreeBytes)],
          [fields.capabilities, inventory.capabilities.join(', ')],
          [fields.opset, inventory.opsetMax],
          [fields.line, lineWords(inventory.line) ?? texts.common.unknown],
          [fields.stated, statedWords(inventory.stated) ?? fields.nothing],
          [fields.agent, agentVersion ?? texts.common.unknown],
        ]}
      />
    </Card>
  )
}
