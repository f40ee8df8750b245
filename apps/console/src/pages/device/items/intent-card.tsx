/** Intent card: the desired generation of the device, its current one, and the reason for a difference. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { isSilent, isStopped, spokenLiveness } from '@skerry/core/devices/tense'
import { ArrowRight, Equal } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { cn } from '../../../components/class-names.ts'
import { ReportedAt } from '../../../components/facts/reported-at.tsx'
import { deviceWords } from '../english-device.ts'
import { devicePageTexts } from '../english-device-page.ts'

const words = devicePageTexts

export function IntentCard({ device }: { device: DeviceDetail }) {
  const { generation, observedGeneration } = device
  const isSame = generation === observedGeneration && device.status !== 'conflict-paused'
  return (
    <Card title={words.intent} aside={<ReportedAt device={device} />}>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <Generation name={words.observed} value={observedGeneration} isStrong={isSame} />
        {isSame ? (
          <Equal size={18} className="text-soft" aria-hidden />
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

function whyOf(device: DeviceDetail): string {
  const { status, generation, observedGeneration } = device
  if (status === 'conflict-paused') return words.ahead
  if (status === 'pending') return deviceWords.behindPending
  if (status === 'quarantined') return deviceWords.behindQuarantined
  if (status === 'wiping') return deviceWords.behindWiping
  if (status === 'wiped') return deviceWords.behindWiped
  if (status === 'revoked') return deviceWords.behindRevoked
  if (generation === observedGeneration) return itemsText(device)
  if (!isSilent(spokenLiveness(device))) return words.behindOnline
  return isStopped(device) ? words.behindStopped : words.behindStale
}

/** The generations are equal, but some items are not finished. */
function itemsText(device: DeviceDetail): string {
  const { items } = device
  const failed = items.filter(({ state }) => state === 'failed').length
  const moving = items.filter(({ state }) => state !== 'failed' && state !== 'active').length
  const says = isSilent(spokenLiveness(device)) ? SILENT : PRESENT
  const stopped = isStopped(device) && words.startAgent
  if (failed + moving === 0) return [items.length === 0 ? says.same : says.allActive, stopped].filter(Boolean).join(' ')
  const parts = [moving > 0 && says.someMoving(moving), failed > 0 && says.someFailed(failed)]
  return [says.sameIntent, ...parts, stopped].filter(Boolean).join(' ')
}

type Says = {
  same: string
  sameIntent: string
  allActive: string
  someMoving: (value: number) => string
  someFailed: (value: number) => string
}

const PRESENT: Says = { ...deviceWords, same: words.same }

/** The facts of a silent device are those of its last report. */
const SILENT: Says = {
  same: words.sameSilent,
  sameIntent: deviceWords.sameIntentSilent,
  allActive: deviceWords.allActiveSilent,
  someMoving: deviceWords.someMovingSilent,
  someFailed: deviceWords.someFailedSilent,
}
