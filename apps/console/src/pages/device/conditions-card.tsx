/** Conditions card: the troubles of a device, above everything else, each with what to do. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { TriangleAlert } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { Advice } from './advice.tsx'
import { deviceWords as words } from './english-device.ts'

/** The card; nothing where there is no trouble. */
export function ConditionsCard({ device: { conditions } }: { device: DeviceDetail }) {
  if (conditions.length === 0) return null
  return (
    <Card title={words.conditions} isFlush className="border-warn/60">
      <ul className="divide-y divide-line">
        {conditions.map((condition) => (
          <li key={condition.code} className="flex items-start gap-3 px-4 py-3">
            <TriangleAlert size={17} className="mt-0.5 shrink-0 text-warn" aria-hidden />
            <Advice cause={condition} />
          </li>
        ))}
      </ul>
    </Card>
  )
}
