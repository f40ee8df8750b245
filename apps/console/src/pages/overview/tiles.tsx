/** Tiles: large numbers. Each leads to the devices that it counts. */
import type { Status } from '@skerry/contract/api/hub-procedures'
import type { DeviceHealth } from '@skerry/contract/devices/device'
import { silentItemsText } from '@skerry/core/devices/tense'
import { Link } from '@tanstack/react-router'
import { Unplug } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { useWidth } from '../../components/charts/use-width.ts'
import { cn } from '../../components/class-names.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { HEALTH_ICON } from '../../components/facts/badge.tsx'
import { HEALTH_TONE, TONE_TEXT, type Tone } from '../../components/facts/tones.ts'
import { texts } from '../../texts/english.ts'
import { tileColumns } from './tile-columns.ts'

/** Shown even if there are none, because zero is useful information. */
const ALWAYS: readonly DeviceHealth[] = ['healthy', 'moving', 'degraded', 'failed', 'stale']
const TILE = 'card flex flex-col gap-1 px-4 py-3 transition-colors hover:border-line-strong'
const WHERE_ANY: readonly DeviceHealth[] = ['quarantined', 'pending', 'never', 'revoked']

const DOWN_KINDS = ['sources', 'sinks'] as const

type TilesProps = { counts: Partial<Record<DeviceHealth, number>>; down: Status['down'] }

/** The number of devices in each state of health, and the number of sources and sinks that are down, if there are any. */
export function HealthTiles({ counts, down }: TilesProps) {
  const [box, widthPx] = useWidth()
  const shown = [...ALWAYS, ...WHERE_ANY.filter((health) => counts[health])]
  const connections = DOWN_KINDS.filter((kind) => down !== undefined && down[kind] > 0)
  const tiles = shown.length + connections.length
  const columns = tileColumns(tiles, widthPx / rootPx())
  return (
    <div ref={box}>
      <ul
        aria-label={texts.overview.devices}
        className={cn('grid gap-3', tiles % columns === 1 && columns > 1 && '*:last:col-span-full')}
        style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      >
        {shown.map((health) => (
          <li key={health}>
            <HealthTile health={health} count={counts[health] ?? 0} />
          </li>
        ))}
        {connections.map((kind) => (
          <li key={kind}>
            <DownTile kind={kind} count={down?.[kind] ?? 0} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** A person may have set a larger letter. */
const rootPx = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

function HealthTile({ health, count }: { health: DeviceHealth; count: number }) {
  const Icon = HEALTH_ICON[health]
  const tone = count > 0 ? TONE_TEXT[HEALTH_TONE[health]] : 'text-faint'
  return (
    <Tooltip text={texts.healthHint[health]}>
      <Link to="/devices" search={{ health }} className={TILE}>
        <span className={cn('flex items-center gap-1.5 text-xs font-medium', tone)}>
          <Icon size={14} strokeWidth={2.25} aria-hidden />
          {texts.health[health]}
        </span>
        <span className={cn('text-2xl leading-8 font-semibold tabular tracking-tight', count === 0 && 'text-faint')}>
          {texts.common.number(count)}
        </span>
      </Link>
    </Tooltip>
  )
}

const DownTile = ({ kind, count }: { kind: 'sources' | 'sinks'; count: number }) => (
  <Link to={`/${kind}`} search={{ sort: 'state' }} className={TILE}>
    <span className={cn('flex items-center gap-1.5 text-xs font-medium', TONE_TEXT.bad)}>
      <Unplug size={14} strokeWidth={2.25} aria-hidden />
      {texts.overview.down[kind]}
    </span>
    <span className="text-2xl leading-8 font-semibold tabular tracking-tight">{texts.common.number(count)}</span>
  </Link>
)

/** The number of models on devices in each state. */
export function ItemTiles({ items }: { items: Status['items'] | undefined }) {
  const rows: [string, number | undefined, Tone][] = [
    [texts.overview.active, items?.active, 'good'],
    [texts.overview.movingItems, items?.moving, 'busy'],
    [texts.overview.failedItems, items?.failed, 'bad'],
  ]
  const silent = silentItemsText(items?.silent, texts.common.number)
  return (
    <Card title={texts.overview.models} aside={<span className="text-xs text-faint">{texts.overview.reported}</span>}>
      <dl className="grid grid-cols-3 gap-3">
        {rows.map(([name, value, tone]) => (
          <div key={name} className="flex flex-col-reverse">
            <dt className="text-xs text-soft">{name}</dt>
            <dd className={cn('text-xl font-semibold tabular', value ? TONE_TEXT[tone] : 'text-faint')}>
              {value === undefined ? '–' : texts.common.number(value)}
            </dd>
          </div>
        ))}
      </dl>
      {silent !== undefined && <p className="mt-2 text-xs text-warn">{silent}</p>}
    </Card>
  )
}
