/** Cluster card: the objects of each model, if the device is a Kubernetes cluster. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { DeviceItem } from '@skerry/contract/devices/device-item'
import { Card, Facts } from '../../../components/card.tsx'
import { ItemBadge } from '../../../components/facts/badge.tsx'
import { itemsOf } from '../../../kinds/of-kind.ts'
import { devicePageTexts } from '../english-device-page.ts'

const { cluster: words } = devicePageTexts

export function ClusterCard({ device }: { device: DeviceDetail }) {
  if (!device.inventory?.capabilities.includes('kubernetes')) return null
  const models = itemsOf('model', device.items)
  return (
    <Card title={words.title}>
      <p className="mb-3 text-sm text-soft">{words.lead}</p>
      {models.length === 0 && <p className="text-sm text-soft">{words.none}</p>}
      {models.map((item) => (
        <section key={item.name} className="border-t border-line py-3 last:pb-0">
          <h3 className="mb-2 flex items-center justify-between gap-2 text-sm font-medium">
            {item.name}
            <ItemBadge state={item.state} />
          </h3>
          <Facts rows={rowsOf(item)} />
        </section>
      ))}
    </Card>
  )
}

/** Figures of a newer agent keep the name that it gave them. */
function rowsOf({ figures = {}, serving }: DeviceItem): [string, string][] {
  const version: [string, string] = [words.serving, serving ? words.version(serving.version) : words.nothing]
  return [
    version,
    ...Object.entries(figures).map(([name, value]): [string, string] => [words.figure[name] ?? name, String(value)]),
  ]
}
