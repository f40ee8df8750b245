/** Conditions card: the conditions of a device, above everything else, each with the next step. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { TriangleAlert } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { ReportedAt } from '../../components/facts/reported-at.tsx'
import { Advice } from './advice.tsx'
import { deviceWords as words } from './english-device.ts'

/** The card. It renders nothing if there are no conditions. */
export function ConditionsCard({ device }: { device: DeviceDetail }) {
  const { conditions } = device
  if (conditions.length === 0) return null
  return (
    <Card title={words.conditions} aside={<ReportedAt device={device} />} isFlush className="border-warn/60">
      <ul className="divide-y divide-line">
        {conditions.map((condition) => (
          <li key={condition.code} className="flex items-start gap-3 px-4 py-3">
            <TriangleAlert size={17} className="mt-0.5 shrink-0 text-warn" aria-hidden />
            <Advice cause={condition} device={device.name} />
          </li>
        ))}
      </ul>
    </Card>
  )
}
