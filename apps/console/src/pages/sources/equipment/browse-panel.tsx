/** Browse panel: what the equipment of a source has, opened level by level, of which places are picked and taken over as tags. */
import { ProblemError } from '@skerry/client/problem'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { FolderSearch } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { FilterInput } from '../../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { Tree } from '../../../components/tree/tree.tsx'
import { groupNamesOf, type PickedGroup, withPicked } from '../source-text.ts'
import { BrowseRowItem } from './browse-row-item.tsx'
import { type BrowseRow, heldOf, type Level, type Levels, ROOT } from './browse-rows.ts'
import { equipmentTexts } from './english-equipment.ts'
import { isThere, PICKED_MAX, pickOf, placesOf } from './picked.ts'
import { TakeBar } from './take-bar.tsx'
import { type Ask, useBrowse } from './use-browse.ts'
import { goOn, useBrowseRows } from './use-browse-rows.ts'
import { usePicks } from './use-picks.ts'

const words = equipmentTexts.browse

type PanelProps = {
  device: string
  source: string
  protocol: string
  /** The source as it is being written, and what it says where nothing is wrong with it. */
  text: string
  sound: ConnectionSpec | undefined
  onText: (text: string) => void
  onAgain: () => void
  onClose: () => void
}

/** Mount it anew to look again. */
export function BrowsePanel({ device, source, protocol, text, sound, onText, onAgain, onClose }: PanelProps) {
  const { levels, heardAtMs, ask } = useBrowse({ device, source })
  const picking = usePicks()
  const groups = useMemo(() => groupNamesOf(text), [text])
  const top = levels.get(ROOT)
  const take = (group: PickedGroup) => {
    const taken = withPicked(text, [...picking.picks.values()], group)
    if (!taken.ok) return taken.flaw
    picking.clear()
    onText(taken.text)
    return undefined
  }
  const isTree = top !== undefined && (top.state === 'ready' || top.entries.length > 0)
  return (
    <section aria-label={words.title(device)} className="flex min-w-0 flex-col gap-3">
      <header className="flex flex-wrap items-center gap-3">
        <h3 className="min-w-0 flex-1 text-sm font-semibold">{words.title(device)}</h3>
        <span className="inline-flex gap-2 text-xs text-soft">
          {words.fetched(heldOf(levels))}
          {heardAtMs !== undefined && <Instant ms={heardAtMs} isAbsolute />}
        </span>
        <Button isSmall onClick={onAgain}>
          {words.again}
        </Button>
        <Button isSmall onClick={onClose}>
          {words.close}
        </Button>
      </header>
      {isTree ? (
        <>
          <Places levels={levels} ask={ask} picking={picking} sound={sound} />
          <TakeBar {...{ groups, isSound: sound !== undefined }} count={picking.picks.size} onTake={take} />
        </>
      ) : (
        <Before top={top} protocol={protocol} onAgain={onAgain} />
      )}
    </section>
  )
}

type BeforeProps = { top: Level | undefined; protocol: string; onAgain: () => void }

/** Until there is a tree; some equipment has none. */
function Before({ top, protocol, onAgain }: BeforeProps) {
  if (!top || typeof top.state === 'string') return <Loading rows={4} />
  const { failed } = top.state
  if (failed.code === 'browse_unknown')
    return <Empty icon={FolderSearch} title={words.unknown(protocol)} hint={words.unknownHint} />
  if (failed.code === 'source_unknown')
    return <Empty icon={FolderSearch} title={words.notThere} hint={words.notThereHint} />
  return <Failure error={new ProblemError(failed)} onRetry={onAgain} />
}

type Picking = ReturnType<typeof usePicks>
type PlacesProps = { levels: Levels; ask: Ask; picking: Picking; sound: ConnectionSpec | undefined }

function Places({ levels, ask, picking, sound }: PlacesProps) {
  const [filter, setFilter] = useState('')
  const places = useMemo(() => placesOf(sound ? tagRowsOf(sound) : []), [sound])
  const { rows, toggle } = useBrowseRows(levels, ask, filter)
  const markOf = ({ node }: BrowseRow) => {
    const there = node.kind === 'entry' && isThere(node.entry, places)
    const pick = node.kind === 'entry' && !there ? pickOf(node.entry) : undefined
    return { isThere: there, pick, isPicked: pick && picking.picks.has(pick.path) }
  }
  const actOf = (row: BrowseRow) => {
    const { pick, isPicked } = markOf(row)
    if (!pick) return goOn(row, levels, ask)
    return () => (isPicked ? picking.drop(pick.path) : picking.add([pick]))
  }
  return (
    <>
      <PickBar {...{ filter, picking }} onFilter={setFilter} free={rows.flatMap((row) => markOf(row).pick ?? [])} />
      {rows.length === 0 ? (
        <p className="text-sm text-soft">{words.noMatch}</p>
      ) : (
        <Tree
          label={words.tree}
          className="h-96 flex-none rounded-md border border-line"
          rowsClassName="min-w-[30rem]"
          {...{ rows, actOf, onToggle: toggle }}
        >
          {(item) => {
            const { isPicked, isThere: there } = markOf(item.row)
            return <BrowseRowItem key={item.row.node.key} {...item} isPicked={isPicked} isThere={there} />
          }}
        </Tree>
      )}
    </>
  )
}

type PickBarProps = {
  filter: string
  onFilter: (filter: string) => void
  /** What shows and may be picked. */
  free: Parameters<Picking['add']>[0]
  picking: Picking
}

function PickBar({ filter, onFilter, free, picking: { picks, add, clear } }: PickBarProps) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <FilterInput
        className="min-w-40 flex-1"
        label={words.filter}
        placeholder={words.placeholder}
        value={filter}
        onChange={onFilter}
      />
      {picks.size >= PICKED_MAX && (
        <span role="status" className="text-xs text-soft">
          {words.most(PICKED_MAX)}
        </span>
      )}
      <Button isSmall blocked={free.length === 0 ? words.nothingFree : undefined} onClick={() => add(free)}>
        {words.pickAll(free.length)}
      </Button>
      <Button isSmall blocked={picks.size === 0 ? words.none : undefined} onClick={clear}>
        {words.pickNone}
      </Button>
    </div>
  )
}
