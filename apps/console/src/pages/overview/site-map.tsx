/**
 * Site map: the sites on the world, near ones together, coloured by the worst of their devices. The hub serves the
 * map's data. A person drags the map, and opens a mark of several sites. [WAI-ARIA APG, roving tabindex] The Tab key
 * reaches one mark, and the arrow keys move to the others.
 */
import type { SiteState } from '@skerry/contract/sites/site'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Maximize2, Minus, Plus } from 'lucide-react'
import { type KeyboardEvent, useMemo, useState } from 'react'
import { IconButton } from '../../components/button.tsx'
import { useWidth } from '../../components/charts/use-width.ts'
import { cn } from '../../components/class-names.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { HEALTH_TONE, TONE_BLOCK, type Tone } from '../../components/facts/tones.ts'
import { texts } from '../../texts/english.ts'
import { loadWorld } from './load-world.ts'
import { type Cluster, clusterSites, placeSites } from './site-places.ts'
import { useMapDrag } from './use-map-drag.ts'
import { fittingView, landPath, MAP, projectionFor, type View, WHOLE_WORLD } from './world.ts'

const ZOOM_STEP = 2
const ZOOM_MAX = 64

/** The map with its controls. */
export function SiteMap({ states }: { states: readonly SiteState[] }) {
  const { data: world } = useQuery({ queryKey: ['world'], queryFn: loadWorld })
  const { places, unplaced } = useMemo(() => placeSites(states, world), [states, world])
  // Until a person moves the map, it shows the sites.
  const fitting = useMemo(() => fittingView(places.map(({ at }) => at)), [places])
  const [moved, setView] = useState<View>()
  const view = moved ?? fitting
  const [box, widthPx] = useWidth()
  const projection = useMemo(() => projectionFor(view), [view])
  const land = useMemo(() => (world ? landPath(world, projection) : ''), [world, projection])
  const clusters = useMemo(() => clusterSites(places, projection, widthPx), [places, projection, widthPx])
  const drag = useMapDrag(view, widthPx, setView)
  const zoom = (factor: number) => setView(viewOf(view.center, view.scale * factor))
  return (
    <section aria-label={texts.overview.mapLabel} className="relative overflow-hidden rounded-b-[0.625rem] bg-sea">
      <div ref={box} className="relative overflow-hidden">
        <svg
          aria-hidden
          viewBox={`0 0 ${MAP.width} ${MAP.height}`}
          className={cn('block w-full touch-pan-y', view.scale > 1 && 'cursor-grab active:cursor-grabbing')}
          {...drag}
        >
          <path d={land} className="fill-land stroke-sea" strokeWidth={0.6} />
        </svg>
        {clusters.map((cluster, index) => (
          <ClusterMark
            key={cluster.places[0]?.state.site}
            cluster={cluster}
            isFirst={index === 0}
            onZoom={() => setView(viewOf(cluster.center, view.scale * ZOOM_STEP * 2))}
            canZoom={view.scale < ZOOM_MAX}
          />
        ))}
      </div>
      <div className="absolute top-3 right-3 flex flex-col rounded-lg border border-line bg-surface shadow-card">
        <IconButton label={texts.overview.zoomIn} isSmall onClick={() => zoom(ZOOM_STEP)}>
          <Plus size={15} aria-hidden />
        </IconButton>
        <IconButton label={texts.overview.zoomOut} isSmall onClick={() => zoom(1 / ZOOM_STEP)}>
          <Minus size={15} aria-hidden />
        </IconButton>
        <IconButton label={texts.overview.zoomReset} isSmall onClick={() => setView(WHOLE_WORLD)}>
          <Maximize2 size={13} aria-hidden />
        </IconButton>
      </div>
      <p className="px-4 pt-1 pb-3 text-xs text-faint">
        {texts.overview.mapHint}
        {unplaced > 0 && ` ${texts.overview.unplaced(unplaced)}.`}
      </p>
    </section>
  )
}

const viewOf = (center: View['center'], scale: number): View =>
  scale <= 1 ? WHOLE_WORLD : { center, scale: Math.min(ZOOM_MAX, scale) }

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** Moves the focus from one mark to the next or the previous one. */
function walkMarks(event: KeyboardEvent<HTMLElement>): void {
  const marks = [...(event.currentTarget.parentElement?.querySelectorAll<HTMLElement>('[data-mark]') ?? [])]
  const at = marks.indexOf(event.currentTarget)
  const step = STEPS[event.key]
  if (at === -1 || step === undefined) return
  event.preventDefault()
  marks[(at + step + marks.length) % marks.length]?.focus()
}

/** More names would make a filter that nobody can read. */
const FILTER_SITES_MAX = 30

type ClusterProps = { cluster: Cluster; isFirst: boolean; onZoom: () => void; canZoom: boolean }

function ClusterMark({ cluster, isFirst, onZoom, canZoom }: ClusterProps) {
  const navigate = useNavigate()
  const { places, x, y, worst, devices } = cluster
  const [first] = places
  const isOne = places.length === 1
  const name = places.length <= 3 ? places.map(({ state }) => state.site).join(', ') : ''
  const label = `${name === '' ? '' : `${name}: `}${texts.overview.cluster(places.length, devices)}${worst ? `, ${texts.health[worst].toLowerCase()}` : ''}`
  const size = isOne ? 14 : Math.min(38, 20 + Math.log2(places.length) * 3.5)
  const open = () => {
    if (isOne && first) return void navigate({ to: '/sites/$site', params: { site: first.state.site } })
    if (canZoom) return onZoom()
    // The sites have the same position, such as the middle of a country, so no zoom separates them.
    const names = places.slice(0, FILTER_SITES_MAX).map(({ state }) => state.site)
    void navigate({ to: '/sites', search: { q: `site.name in ${JSON.stringify(names)}` } })
  }
  const place = { left: `${(x / MAP.width) * 100}%`, top: `${(y / MAP.height) * 100}%` }
  return (
    <Tooltip text={label}>
      <button
        type="button"
        data-mark
        tabIndex={isFirst ? 0 : -1}
        aria-label={label}
        onClick={open}
        onKeyDown={walkMarks}
        style={place}
        className="group absolute grid size-[24px] -translate-x-1/2 -translate-y-1/2 place-items-center rounded-full"
      >
        <span
          style={{ width: size, height: size }}
          className={cn(
            'grid shrink-0 place-items-center rounded-full border-[1.5px] border-surface text-2xs font-bold text-surface tabular ring-4 transition-shadow group-hover:ring-6',
            toneOf(worst),
          )}
        >
          {isOne ? null : texts.overview.marked(places.length)}
        </span>
      </button>
    </Tooltip>
  )
}

const RING: Readonly<Record<Tone, string>> = {
  good: 'ring-good/20',
  busy: 'ring-busy/20',
  warn: 'ring-warn/20',
  bad: 'ring-bad/25',
  idle: 'ring-idle/20',
}

function toneOf(worst: Cluster['worst']): string {
  const tone = worst ? HEALTH_TONE[worst] : 'idle'
  return `${TONE_BLOCK[tone]} ${RING[tone]}`
}
