/** Intent card: the generation that the device should be on, the one it works on, and why they differ. */
import type { DeviceDetail } from '@skerry/contract/device'
import { ArrowRight, Equal } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { texts } from '../../texts/english.ts'

const words = texts.device

/** The card. */
export function IntentCard({ device }: { device: DeviceDetail }) {
  const { generation, observedGeneration } = device
  const isSame = generation === observedGeneration && device.status !== 'conflict-paused'
  return (
    <Card title={words.intent}>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <Generation name={words.observed} value={observedGeneration} isStrong={isSame} />
        {isSame ? (
          <Equal size={18} className="text-good" aria-hidden />
        ) : (
          <ArrowRight size={18} className="text-busy" aria-hidden />
        )}
        <Generation name={words.wanted} value={generation} isStrong />
        <p className="min-w-0 flex-1 basis-64 text-sm text-soft">{whyOf(device)}</p>
      </div>
    </Card>
  )
}

const Generation = ({ name, value, isStrong }: { name: string; value: number; isStrong: boolean }) => (
  <div>
    <p className="text-xs text-soft">{name}</p>
    <p className={cn('text-base font-semibold tabular', !isStrong && 'text-soft')}>
      {value === 0 ? words.noIntent : words.generation(value)}
    </p>
  </div>
)

function whyOf({ status, liveness, generation, observedGeneration }: DeviceDetail): string {
  if (status === 'conflict-paused') return words.ahead
  if (generation === observedGeneration) return words.same
  return liveness === 'online' ? words.behindOnline : words.behindStale
}
