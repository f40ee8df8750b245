/** Tree item: what a row of a tree is, whatever it shows: its place for who hears it, and for the window that it is drawn in. */
import { ChevronRight } from 'lucide-react'
import { cn } from '../class-names.ts'
import type { TreeItem } from './tree.tsx'
import type { TreeRow } from './tree-keys.ts'

/** Level, place among its siblings, and whether it is open. */
type Placed = TreeRow & { level: number; position: number; siblings: number }

/** For the element of the row. `className` is how what it shows is laid out. */
export const treeItemProps = (
  { id, row, index, isActive, startPx, heightPx }: TreeItem<Placed>,
  className: string,
) => ({
  id,
  'data-index': index,
  'aria-level': row.level,
  'aria-posinset': row.position,
  'aria-setsize': row.siblings,
  ...(row.isOpen !== undefined && { 'aria-expanded': row.isOpen }),
  className: cn(
    'absolute inset-x-0 cursor-pointer items-center border-b border-line px-4 text-sm hover:bg-raised',
    className,
    isActive &&
      'group-focus-visible/tree:bg-raised group-focus-visible/tree:outline-2 group-focus-visible/tree:-outline-offset-2 group-focus-visible/tree:outline-accent',
  ),
  style: { height: heightPx, transform: `translateY(${startPx}px)` },
})

/** Further in for each level. */
export const indentOf = ({ level }: Placed) => ({ paddingLeft: `${(level - 1) * 1.25}rem` })

/** Whether a branch is open. */
export const TreeArrow = ({ isOpen }: { isOpen: boolean }) => (
  <ChevronRight
    size={16}
    className={cn('shrink-0 text-faint transition-transform', isOpen && 'rotate-90')}
    aria-hidden
  />
)
