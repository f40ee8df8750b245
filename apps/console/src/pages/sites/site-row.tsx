/** Site row: a branch or a site in the tree, with how its devices fare. */
import { ChevronRight, MapPin } from 'lucide-react'
import { memo } from 'react'
import { cn } from '../../components/class-names.ts'
import { HealthBar } from '../../components/health-bar.tsx'
import { troubleText } from '../../components/health-counts.ts'
import { HEALTH_ORDER, HEALTH_TONE, TONE_TEXT } from '../../components/tones.ts'
import type { TreeItem } from '../../components/tree.tsx'
import { texts } from '../../texts/english.ts'
import { isLeaf, type TreeRow } from './site-branches.ts'

/** The tracks of the tree's columns, which its header has too. */
export const TREE_TRACKS = 'grid-cols-[minmax(14rem,1.6fr)_5.5rem_minmax(6rem,1fr)_minmax(10rem,1.4fr)]'

/** One row. Drawn again only when it is another: while the tree scrolls, most of its rows stay. */
export const SiteRow = memo(function SiteRow({ id, row, isActive, startPx, heightPx, index }: TreeItem<TreeRow>) {
  const { node, level, position, siblings, isOpen } = row
  const { label, counts, devices } = node
  const trouble = troubleText(counts)
  return (
    <div
      id={id}
      role="treeitem"
      data-index={index}
      tabIndex={-1}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isActive}
      {...(isOpen !== undefined && { 'aria-expanded': isOpen })}
      className={cn(
        'absolute inset-x-0 grid cursor-pointer items-center gap-x-4 border-b border-line px-4 text-sm hover:bg-raised',
        TREE_TRACKS,
        isActive &&
          'group-focus-visible/tree:bg-raised group-focus-visible/tree:outline-2 group-focus-visible/tree:-outline-offset-2 group-focus-visible/tree:outline-accent',
      )}
      style={{ height: heightPx, transform: `translateY(${startPx}px)` }}
    >
      <span className="flex min-w-0 items-center gap-1.5" style={{ paddingLeft: `${(level - 1) * 1.25}rem` }}>
        {isLeaf(node) ? (
          <MapPin size={14} className="mx-px shrink-0 text-faint" aria-hidden />
        ) : (
          <ChevronRight
            size={16}
            className={cn('shrink-0 text-faint transition-transform', isOpen && 'rotate-90')}
            aria-hidden
          />
        )}
        <span className={cn('truncate', isLeaf(node) ? '' : 'font-medium')}>{label}</span>
        {!isLeaf(node) && <span className="shrink-0 text-xs text-faint tabular">{texts.sites.count(node.sites)}</span>}
      </span>
      <span className="text-right text-soft tabular">
        {texts.common.number(devices)}
        <span className="sr-only"> {texts.sites.devicesUnit}</span>
      </span>
      <HealthBar counts={counts} isDecoration />
      <span className={cn('truncate text-xs', toneOf(counts))}>{trouble}</span>
    </div>
  )
})

/** The colour of the worst that there is. */
function toneOf(counts: TreeRow['node']['counts']): string {
  const worst = HEALTH_ORDER.find((health) => counts[health])
  return worst === undefined || worst === 'healthy' ? 'text-soft' : TONE_TEXT[HEALTH_TONE[worst]]
}
