/** Browse row: a place of the equipment in its tree, with what it is as a tag, and whether it is picked or in the source already. */

import { whereOf } from '@skerry/core/tag-rows'
import { ChevronRight, CircleX, Ellipsis, Folder, RefreshCw, Square, SquareCheck, Tag } from 'lucide-react'
import { cn } from '../../../components/class-names.ts'
import type { TreeItem } from '../../../components/tree.tsx'
import { equipmentTexts } from '../../../texts/english-equipment.ts'
import type { BrowseNode, BrowseRow } from './browse-rows.ts'

const words = equipmentTexts.browse

type ItemProps = TreeItem<BrowseRow> & {
  /** Undefined where it is nothing to pick. */
  isPicked: boolean | undefined
  isThere: boolean
}

export function BrowseRowItem({ id, row, index, isActive, startPx, heightPx, isPicked, isThere }: ItemProps) {
  const { node, level, position, siblings, isOpen } = row
  const tag = node.kind === 'entry' ? node.entry.tag : undefined
  return (
    <div
      id={id}
      role="treeitem"
      data-index={index}
      tabIndex={-1}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      {...(isOpen !== undefined && { 'aria-expanded': isOpen })}
      {...(isPicked !== undefined && { 'aria-checked': isPicked })}
      className={cn(
        'absolute inset-x-0 flex cursor-pointer items-center gap-4 border-b border-line px-4 text-sm hover:bg-raised',
        isActive &&
          'group-focus-visible/tree:bg-raised group-focus-visible/tree:outline-2 group-focus-visible/tree:-outline-offset-2 group-focus-visible/tree:outline-accent',
      )}
      style={{ height: heightPx, transform: `translateY(${startPx}px)` }}
    >
      <span className="flex min-w-0 flex-1 items-center gap-1.5" style={{ paddingLeft: `${(level - 1) * 1.25}rem` }}>
        <Opening isOpen={isOpen} />
        <Mark node={node} isPicked={isPicked} />
        <span className={cn('truncate', node.kind === 'failed' && 'text-bad', node.kind === 'empty' && 'text-soft')}>
          {node.label}
        </span>
      </span>
      {isThere && <span className="shrink-0 text-xs text-soft">{words.there}</span>}
      {tag && <code className="min-w-0 shrink truncate text-xs text-soft">{whereOf(tag)}</code>}
    </div>
  )
}

const Opening = ({ isOpen }: { isOpen: boolean | undefined }) =>
  isOpen === undefined ? (
    <span className="w-4 shrink-0" />
  ) : (
    <ChevronRight
      size={16}
      className={cn('shrink-0 text-faint transition-transform', isOpen && 'rotate-90')}
      aria-hidden
    />
  )

function Mark({ node, isPicked }: { node: BrowseNode; isPicked: boolean | undefined }) {
  const Icon = iconOf(node, isPicked)
  return Icon && <Icon size={14} className={cn('shrink-0', isPicked ? 'text-accent' : 'text-faint')} aria-hidden />
}

function iconOf(node: BrowseNode, isPicked: boolean | undefined) {
  switch (node.kind) {
    case 'entry':
      if (isPicked !== undefined) return isPicked ? SquareCheck : Square
      return node.entry.tag ? Tag : Folder
    case 'waiting':
      return RefreshCw
    case 'failed':
      return CircleX
    case 'more':
      return Ellipsis
    case 'empty':
    case 'full':
      return undefined
  }
}
