/** Values tab: what the device has sent to the hub: each signal with its newest value, and the one that is chosen over a time. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { useSearch } from '@tanstack/react-router'
import { MousePointerClick } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { valuesTexts as words } from './english-values.ts'
import { SeriesCard } from './series-card.tsx'
import { SignalsCard } from './signals-card.tsx'

/** The tab; what is chosen is in the address. */
export function ValuesTab({ device: { name } }: { device: DeviceDetail }) {
  const { signal, span = '1h' } = useSearch({ from: '/inside/devices/$device' })
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <SignalsCard device={name} chosen={signal} />
      {signal === undefined ? (
        <Card title={words.series}>
          <Empty icon={MousePointerClick} title={words.choose} hint={words.chooseHint} />
        </Card>
      ) : (
        <SeriesCard device={name} signal={signal} span={span} />
      )}
    </div>
  )
}
