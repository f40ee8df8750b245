/** Residency card: the models in the memory of the device, and those that wait outside for a request. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { isSilent, spokenLiveness } from '@skerry/core/devices/tense'
import { Card } from '../../../components/card.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { ReportedAt } from '../../../components/facts/reported-at.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { residencyTexts as words } from './english-residency.ts'

/** The number of models that the card has room for. */
const SHOWN_MAX = 12

export function ResidencyCard({ device }: { device: DeviceDetail }) {
  const { residency, items } = device
  if (!residency) return null
  const { limitBytes, usedBytes, evictions, waiting, models } = residency
  const away = items.filter(({ scale }) => scale?.count === 0).map(({ name }) => name)
  const isPast = isSilent(spokenLiveness(device))
  const share = Math.min(1, usedBytes / Math.max(1, limitBytes))
  return (
    <Card title={words.title} isFlush aside={<ReportedAt device={device} />}>
      <div className="flex flex-col gap-2 px-4 py-3 text-sm">
        <meter className="sr-only" aria-label={words.meter} min={0} max={1} value={share} />
        <div aria-hidden className="h-2 overflow-hidden rounded-full bg-raised">
          <div className="h-full rounded-full bg-accent" style={{ width: `${100 * share}%` }} />
        </div>
        <p>{words.used(sizeText(usedBytes), sizeText(limitBytes))}</p>
        {away.length > 0 && <p className="text-soft">{words.away(away)}</p>}
        {waiting > 0 && <p className="text-warn">{words.waiting(waiting)}</p>}
        {evictions > 0 && <p className="text-soft">{words.evictions(evictions)}</p>}
      </div>
      {models.length > 0 && (
        <PlainTable
          label={words.title}
          headers={[words.columns.model, words.columns.memory, words.columns.use]}
          rows={models.slice(0, SHOWN_MAX).map(({ name, bytes, pinned, idleSeconds }) => ({
            key: name,
            cells: [name, sizeText(bytes), pinned ? words.pinned(isPast) : words.idle(idleSeconds, isPast)],
          }))}
        />
      )}
      {models.length > SHOWN_MAX && (
        <p className="px-4 py-2 text-sm text-soft">{words.more(models.length - SHOWN_MAX)}</p>
      )}
    </Card>
  )
}
