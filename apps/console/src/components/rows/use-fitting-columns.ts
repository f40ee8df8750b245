/** Use fitting columns: the columns for which an element has room, also after its size changes. */
import { type RefObject, useLayoutEffect, useMemo, useState } from 'react'
import { fittingColumns } from './fitting-columns.ts'

/** The array stays the same while the width of the element does. */
export function useFittingColumns<Column extends { id: string; width: string; rank?: number }>(
  element: RefObject<HTMLElement | null>,
  columns: readonly Column[],
): readonly Column[] {
  const [tableRem, setTableRem] = useState(0)
  useLayoutEffect(() => {
    const { current } = element
    if (!current) return
    const rootPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    const measure = () => setTableRem(current.clientWidth / rootPx)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [element])
  return useMemo(() => fittingColumns(columns, tableRem), [columns, tableRem])
}
