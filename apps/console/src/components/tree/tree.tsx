/**
 * Tree: branches that open and close, of which only the rows in sight are on the page.
 *
 * [WAI-ARIA APG, tree view] The tree itself has the focus and names the row that is meant, so that a row may leave the page while
 * somebody scrolls. What the keys do is in tree-keys.ts; letters go to the next row that begins so.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, type ReactNode, useId, useRef, useState } from 'react'
import { cn } from '../class-names.ts'
import { foundByType, type TreeRow, treeMove } from './tree-keys.ts'

/** What a row is drawn with. */
export type TreeItem<Row> = {
  id: string
  row: Row
  /** Its place in the tree, which a press on it is known by. */
  index: number
  isActive: boolean
  startPx: number
  heightPx: number
}

type TreeProps<Row> = {
  label: string
  rows: readonly Row[]
  /** Opens or closes branches. */
  onToggle: (keys: readonly string[], isOpen: boolean) => void
  /** A press on a row, or Enter: undefined where it opens and closes. */
  actOf: (row: Row) => (() => void) | undefined
  children: (item: TreeItem<Row>) => ReactNode
  className?: string
  /** What its columns need at least. */
  rowsClassName?: string
}

const ROW_PX = 40
/** Rows above and below the window: a quick scroll shows no gap. */
const OVERSCAN = 8
/** Letters that follow each other within so long are one word. */
const TYPED_MS = 600

/** The tree. */
export function Tree<Row extends TreeRow>(props: TreeProps<Row>) {
  const { label, rows, onToggle, actOf, children, className, rowsClassName } = props
  const id = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    initialRect: { width: 0, height: 600 },
  })
  const [activeKey, setActiveKey] = useState<string>()
  const active = indexOf(rows, activeKey)
  const goTo = (index: number) => {
    setActiveKey(rows[index]?.node.key)
    virtual.scrollToIndex(index)
  }
  const use = (row: Row | undefined) => {
    if (!row) return
    setActiveKey(row.node.key)
    const act = actOf(row)
    if (act) act()
    else if (row.isOpen !== undefined) onToggle([row.node.key], !row.isOpen)
  }
  const onClick = (event: MouseEvent) => {
    const item = event.target instanceof Element ? event.target.closest('[role=treeitem]') : null
    if (item) use(rows[Number(item.getAttribute('data-index'))])
  }
  const onKeyDown = useTreeKeys({ rows, active, goTo, use, onToggle })
  const shown = virtual.getVirtualItems()
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={shown.some(({ index }) => index === active) ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
      onClick={onClick}
      className={cn('group/tree relative min-h-0 flex-1 overflow-auto outline-none', className)}
    >
      <div role="presentation" className={cn('relative', rowsClassName)} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const row = rows[index]
          const item = { id: `${id}-${index}`, index, isActive: index === active, startPx: start, heightPx: ROW_PX }
          return row && children({ ...item, row })
        })}
      </div>
    </div>
  )
}

/** The row that was meant may be gone; then it is the first. */
const indexOf = (rows: readonly TreeRow[], key: string | undefined) =>
  Math.max(
    0,
    rows.findIndex(({ node }) => node.key === key),
  )

type Keys<Row> = {
  rows: readonly Row[]
  active: number
  goTo: (index: number) => void
  use: (row: Row | undefined) => void
  onToggle: TreeProps<Row>['onToggle']
}

function useTreeKeys<Row extends TreeRow>({ rows, active, goTo, use, onToggle }: Keys<Row>) {
  const typed = useRef({ text: '', atMs: 0 })
  const onLetter = (letter: string, atMs: number) => {
    const isOneWord = atMs - typed.current.atMs < TYPED_MS
    typed.current = { text: (isOneWord ? typed.current.text : '') + letter.toLowerCase(), atMs }
    const found = foundByType(rows, active, typed.current.text)
    if (found !== undefined) goTo(found)
  }
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const move = treeMove(event.key, rows, active)
    if (move?.kind === 'go') goTo(move.to)
    else if (move?.kind === 'toggle') onToggle(move.keys, move.isOpen)
    else if (move?.kind === 'use') use(rows[active])
    else if (!move && /^[\p{L}\p{N}-]$/u.test(event.key)) onLetter(event.key, event.timeStamp)
    else if (!move) return
    event.preventDefault()
    // A letter that is looked for here goes to no other page.
    event.stopPropagation()
  }
}
