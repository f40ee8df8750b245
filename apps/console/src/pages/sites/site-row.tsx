/** Site row: a branch or a site in the tree, with how its devices fare. */
import { MapPin } from 'lucide-react'
import { memo } from 'react'
import { HealthBar } from '../../components/charts/health-bar.tsx'
import { troubleText } from '../../components/charts/health-counts.ts'
import { cn } from '../../components/class-names.ts'
import { HEALTH_ORDER, HEALTH_TONE, TONE_TEXT } from '../../components/facts/tones.ts'
import type { TreeItem } from '../../components/tree/tree.tsx'
import { indentOf, TreeArrow, treeItemProps } from '../../components/tree/tree-item.tsx'
import { texts } from '../../texts/english.ts'
import { isLeaf, type TreeRow } from './site-branches.ts'

/** The tracks of the tree's columns, which its header has too. */
export const TREE_TRACKS = 'grid-cols-[minmax(14rem,1.6fr)_5.5rem_minmax(6rem,1fr)_minmax(10rem,1.4fr)]'

/** One row. Drawn again only when it is another: while the tree scrolls, most of its rows stay. */
export const SiteRow = memo(function SiteRow(item: TreeItem<TreeRow>) {
  const { node, isOpen } = item.row
  const { label, counts, devices } = node
  const trouble = troubleText(counts)
  return (
    <div
      role="treeitem"
      tabIndex={-1}
      {...treeItemProps(item, cn('grid gap-x-4', TREE_TRACKS))}
      aria-selected={item.isActive}
    >
      <span className="flex min-w-0 items-center gap-1.5" style={indentOf(item.row)}>
        {isLeaf(node) ? (
          <MapPin size={14} className="mx-px shrink-0 text-faint" aria-hidden />
        ) : (
          <TreeArrow isOpen={isOpen === true} />
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
