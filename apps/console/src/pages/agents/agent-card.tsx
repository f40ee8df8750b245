/** Agent card: the software of the device itself, whether the hub can replace it, and its last update. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { DeviceItem } from '@skerry/contract/devices/device-item'
import { Link } from '@tanstack/react-router'
import { Card, Facts } from '../../components/card.tsx'
import { ItemBadge } from '../../components/facts/badge.tsx'
import { itemsOf } from '../../kinds/of-kind.ts'
import { texts } from '../../texts/english.ts'
import { Advice } from '../device/advice.tsx'
import { agentTexts } from './english-agents.ts'

const words = agentTexts.card

export function AgentCard({ device }: { device: DeviceDetail }) {
  const [item] = itemsOf('agent', device.items)
  const isLaunched = device.inventory?.capabilities.includes('agent') ?? false
  return (
    <Card title={words.title} {...(item && { aside: <ItemBadge state={item.state} /> })}>
      {item?.cause && (
        <div className="mb-3">
          <Advice cause={item.cause} isBad={item.state === 'failed'} device={device.name} />
        </div>
      )}
      <Facts
        rows={[
          [words.runs, device.agentVersion ?? texts.common.unknown],
          [words.update, item ? <UpdateLink key="update" item={item} /> : words.none],
          ...(item?.serving ? [[words.committed, words.version(item.serving.version)] as const] : []),
        ]}
      />
      {device.inventory && !isLaunched && <p className="mt-3 text-xs text-soft">{words.unlaunched}</p>}
    </Card>
  )
}

const UpdateLink = ({ item: { name, target, state } }: { item: DeviceItem }) => (
  <span>
    <Link
      to="/models/$model/versions/$version"
      params={{ model: name, version: String(target.version) }}
      className="rounded hover:text-accent hover:underline"
    >
      {words.version(target.version)}
    </Link>
    {state === 'probation' && <span className="text-soft"> {words.onTrial}</span>}
  </span>
)
