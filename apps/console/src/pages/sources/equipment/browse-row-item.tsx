/** Browse row: a place of the equipment in its tree, with what it is as a tag, and whether it is picked or in the source already. */

import { whereOf } from '@skerry/core/tags/tag-rows'
import { CircleX, Ellipsis, Folder, RefreshCw, Square, SquareCheck, Tag } from 'lucide-react'
import { cn } from '../../../components/class-names.ts'
import type { TreeItem } from '../../../components/tree/tree.tsx'
import { indentOf, TreeArrow, treeItemProps } from '../../../components/tree/tree-item.tsx'
import type { BrowseNode, BrowseRow } from './browse-rows.ts'
import { equipmentTexts } from './english-equipment.ts'

const words = equipmentTexts.browse

type ItemProps = TreeItem<BrowseRow> & {
  /** Undefined where it is nothing to pick. */
  isPicked: boolean | undefined
  isThere: boolean
}

export function BrowseRowItem({ isPicked, isThere, ...item }: ItemProps) {
  const { node, isOpen } = item.row
  const tag = node.kind === 'entry' ? node.entry.tag : undefined
  return (
    <div
      role="treeitem"
      tabIndex={-1}
      {...treeItemProps(item, 'flex gap-4')}
      {...(isPicked !== undefined && { 'aria-checked': isPicked })}
    >
      <span className="flex min-w-0 flex-1 items-center gap-1.5" style={indentOf(item.row)}>
        {isOpen === undefined ? <span className="w-4 shrink-0" /> : <TreeArrow isOpen={isOpen} />}
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
