/** Tree card: the tree with its columns' names, and what opens and closes all of it. */
import type { SiteState } from '@skerry/contract/sites/site'
import { useNavigate } from '@tanstack/react-router'
import { ChevronsDownUp, ChevronsUpDown } from 'lucide-react'
import { useMemo, useState } from 'react'
import { IconButton } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { Tree } from '../../components/tree/tree.tsx'
import type { Grouping, SiteSort } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { type Branch, branchesOf, isLeaf, type Leaf, rowsOf } from './site-branches.ts'
import { SiteRow, TREE_TRACKS } from './site-row.tsx'

const words = texts.sites

/** A tree of so many sites is open at first: it fits on a few screens. */
const OPEN_AT_FIRST_MAX = 40

type TreeProps = {
  sites: readonly SiteState[]
  grouping: Grouping
  sort: SiteSort
  isFiltered: boolean
}

/** What it holds; mount it anew for another grouping. */
export function TreeCard({ sites, grouping, sort, isFiltered }: TreeProps) {
  const navigate = useNavigate()
  const branches = useMemo(() => branchesOf(sites, grouping, sort), [sites, grouping, sort])
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map())
  // What was looked for should be seen.
  const isOpenAtFirst = isFiltered || sites.length <= OPEN_AT_FIRST_MAX
  const rows = useMemo(
    () => rowsOf(branches, ({ key }) => toggled.get(key) ?? isOpenAtFirst),
    [branches, toggled, isOpenAtFirst],
  )
  const toggle = (keys: readonly string[], isOpen: boolean) =>
    setToggled((before) => new Map([...before, ...keys.map((key) => [key, isOpen] as const)]))
  return (
    <>
      <div
        className={cn(
          'grid h-9 shrink-0 items-center gap-x-4 border-b border-line px-4 text-xs font-medium text-soft',
          TREE_TRACKS,
        )}
      >
        <span>{words.columns.name}</span>
        <span className="text-right">{words.columns.devices}</span>
        <span>{words.columns.state}</span>
        <span className="flex justify-end">
          <IconButton isSmall label={words.openAll} onClick={() => toggle(keysOf(branches), true)}>
            <ChevronsUpDown size={14} aria-hidden />
          </IconButton>
          <IconButton isSmall label={words.closeAll} onClick={() => toggle(keysOf(branches), false)}>
            <ChevronsDownUp size={14} aria-hidden />
          </IconButton>
        </span>
      </div>
      <Tree
        label={words.tree}
        rows={rows}
        onToggle={toggle}
        actOf={({ node }) =>
          isLeaf(node) ? () => void navigate({ to: '/sites/$site', params: { site: node.label } }) : undefined
        }
        rowsClassName="min-w-[38rem]"
      >
        {(item) => <SiteRow key={item.row.node.key} {...item} />}
      </Tree>
    </>
  )
}

const keysOf = (nodes: readonly (Branch | Leaf)[]): string[] =>
  nodes.flatMap((node) => (isLeaf(node) ? [] : [node.key, ...keysOf(node.children)]))
