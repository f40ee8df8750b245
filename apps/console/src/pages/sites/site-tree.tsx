/**
 * Site tree: branches that open and close, of which only the rows in sight are on the page.
 *
 * [WAI-ARIA APG, tree view] The tree itself has the focus and names the row that is meant, so that a row may leave the page while
 * somebody scrolls. What the keys do is in tree-keys.ts; letters go to the next row that begins so.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useId, useRef, useState } from 'react'
import { texts } from '../../texts/english.ts'
import { foundByType, isLeaf, type TreeRow } from './site-branches.ts'
import { SiteRow } from './site-row.tsx'
import { treeMove } from './tree-keys.ts'

type SiteTreeProps = {
  rows: readonly TreeRow[]
  /** Opens or closes branches. */
  onToggle: (keys: readonly string[], isOpen: boolean) => void
  onSite: (site: string) => void
}

const ROW_PX = 40
/** Rows above and below the window: a quick scroll shows no gap. */
const OVERSCAN = 8
/** Letters that follow each other within so long are one word. */
const TYPED_MS = 600

/** The tree. */
export function SiteTree({ rows, onToggle, onSite }: SiteTreeProps) {
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
  const use = (row: TreeRow | undefined) => {
    if (!row) return
    setActiveKey(row.node.key)
    if (isLeaf(row.node)) onSite(row.node.label)
    else onToggle([row.node.key], !row.isOpen)
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
      aria-label={texts.sites.tree}
      tabIndex={0}
      aria-activedescendant={shown.some(({ index }) => index === active) ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
      onClick={onClick}
      className="group/tree relative min-h-0 flex-1 overflow-auto outline-none"
    >
      <div role="presentation" className="relative min-w-[38rem]" style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const row = rows[index]
          return (
            row && (
              <SiteRow
                key={row.node.key}
                id={`${id}-${index}`}
                row={row}
                index={index}
                isActive={index === active}
                startPx={start}
                heightPx={ROW_PX}
              />
            )
          )
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

type Keys = {
  rows: readonly TreeRow[]
  active: number
  goTo: (index: number) => void
  use: (row: TreeRow | undefined) => void
  onToggle: SiteTreeProps['onToggle']
}

function useTreeKeys({ rows, active, goTo, use, onToggle }: Keys) {
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
