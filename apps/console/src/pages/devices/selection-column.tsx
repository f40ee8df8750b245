/** Selection column: a box in each row, and one in the header for all rows that are shown. */
import type { Device } from '@skerry/contract/devices/device'
import { useEffect, useRef } from 'react'
import type { Column } from '../../components/rows/data-table.tsx'
import { devicesWords as words } from './english-devices.ts'
import { type Selection, useChosen, useIsChosen } from './selection.ts'

const BOX = 'size-4 accent-accent align-middle'

/** `shown` gives the rows that the filter leaves. */
export const selectionColumn = (selection: Selection, shown: () => readonly Device[]): Column<Device> => ({
  id: 'select',
  header: words.selectAll,
  headerCell: () => <AllBox selection={selection} shown={shown} />,
  width: '1.25rem',
  cell: ({ id, name }) => <RowBox selection={selection} id={id} name={name} />,
})

function RowBox({ selection, id, name }: { selection: Selection; id: string; name: string }) {
  const isChosen = useIsChosen(selection, id)
  return (
    <input
      type="checkbox"
      aria-label={words.select(name)}
      className={BOX}
      checked={isChosen}
      onChange={() => selection.toggle(id)}
    />
  )
}

function AllBox({ selection, shown }: { selection: Selection; shown: () => readonly Device[] }) {
  const chosen = useChosen(selection)
  const box = useRef<HTMLInputElement>(null)
  const rows = shown()
  const count = rows.filter(({ id }) => chosen.has(id)).length
  const isAll = rows.length > 0 && count === rows.length
  useEffect(() => {
    if (box.current) box.current.indeterminate = count > 0 && !isAll
  }, [count, isAll])
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={words.selectAll}
      className={BOX}
      checked={isAll}
      onChange={() => selection.set(isAll ? [] : rows.map(({ id }) => id))}
    />
  )
}
