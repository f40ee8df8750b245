/** Tree keys: what a key means in a tree. [WAI-ARIA APG, tree view] */

/** A row as it is shown: what it is known by and called, how deep it hangs, and whether it is open where it is a branch. */
export type TreeRow = { node: { key: string; label: string }; level: number; isOpen: boolean | undefined }

export type TreeMove =
  | { kind: 'go'; to: number }
  | { kind: 'toggle'; keys: readonly string[]; isOpen: boolean }
  /** Does what a press on the row does. */
  | { kind: 'use' }
  /** One of the tree's own keys that does nothing here. */
  | { kind: 'stay' }

/** The move that a key asks for on the active row; undefined where the tree does not know the key. */
export function treeMove(key: string, rows: readonly TreeRow[], active: number): TreeMove | undefined {
  const row = rows[active]
  if (!row) return undefined
  switch (key) {
    case 'ArrowDown':
      return goTo(rows, active + 1)
    case 'ArrowUp':
      return goTo(rows, active - 1)
    case 'ArrowRight':
      if (row.isOpen === false) return { kind: 'toggle', keys: [row.node.key], isOpen: true }
      return row.isOpen ? goTo(rows, active + 1) : { kind: 'stay' }
    case 'ArrowLeft':
      if (row.isOpen) return { kind: 'toggle', keys: [row.node.key], isOpen: false }
      return goTo(rows, parentOf(rows, active) ?? active)
    case 'Home':
      return goTo(rows, 0)
    case 'End':
      return goTo(rows, rows.length - 1)
    case 'Enter':
    case ' ':
      return { kind: 'use' }
    case '*':
      return { kind: 'toggle', keys: siblingsOf(rows, active), isOpen: true }
    default:
      return undefined
  }
}

const goTo = (rows: readonly TreeRow[], to: number): TreeMove => (rows[to] ? { kind: 'go', to } : { kind: 'stay' })

/** The branches that hang where the row hangs. */
function siblingsOf(rows: readonly TreeRow[], index: number): string[] {
  const parent = parentOf(rows, index)
  const level = rows[index]?.level
  return rows.flatMap(({ node, level: other, isOpen }, at) =>
    other === level && isOpen !== undefined && parentOf(rows, at) === parent ? [node.key] : [],
  )
}

/** The row above which this one hangs; undefined at the top. */
export function parentOf(rows: readonly TreeRow[], index: number): number | undefined {
  const level = rows[index]?.level ?? 1
  for (let above = index - 1; above >= 0; above -= 1) if ((rows[above]?.level ?? 1) < level) return above
  return undefined
}

/** The next row, after this one and around, whose label begins so. */
export function foundByType(rows: readonly TreeRow[], from: number, typed: string): number | undefined {
  const start = typed.length === 1 ? from + 1 : from
  for (let step = 0; step < rows.length; step += 1) {
    const index = (start + step) % rows.length
    if (rows[index]?.node.label.toLowerCase().startsWith(typed)) return index
  }
  return undefined
}
