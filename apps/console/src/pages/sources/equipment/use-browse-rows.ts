/** Use browse rows: which branches of the equipment's tree are open and which places show; what is opened first is asked for. */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { holdsWords } from '@skerry/core/language/row-language'
import { useDeferredValue, useMemo, useState } from 'react'
import { type BrowseRow, browseRows, type Levels } from './browse-rows.ts'
import { equipmentTexts } from './english-equipment.ts'
import type { Ask } from './use-browse.ts'

const { labels } = equipmentTexts.browse

export function useBrowseRows(levels: Levels, ask: Ask, filter: string) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const asked = useDeferredValue(filter.trim())
  const rows = useMemo(() => {
    const fits = ({ label, path }: BrowseEntry) => holdsWords(`${label} ${path}`, asked)
    return browseRows({ levels, labels, isOpen: (key) => open.has(key), fits: asked === '' ? undefined : fits })
  }, [levels, open, asked])
  const toggle = (keys: readonly string[], isOpen: boolean) => {
    // Siblings are opened together where they were looked into before: each of the others is a question to the equipment.
    const meant = keys.length === 1 ? keys : keys.filter((key) => levels.has(key))
    setOpen((before) =>
      isOpen ? new Set([...before, ...meant]) : new Set([...before].filter((key) => !meant.includes(key))),
    )
    for (const { node } of rows)
      if (isOpen && node.kind === 'entry' && meant.includes(node.key) && !levels.has(node.key))
        ask({ key: node.key, path: node.entry.path })
  }
  return { rows, toggle }
}

/** A press on what stands for more, or for what could not be had, asks the equipment; undefined elsewhere. */
export function goOn({ node }: BrowseRow, levels: Levels, ask: Ask): (() => void) | undefined {
  const level = levels.get(node.parent)
  if (!level || (node.kind !== 'more' && node.kind !== 'failed')) return undefined
  return () => ask({ key: node.parent, path: level.path, after: level.next })
}
