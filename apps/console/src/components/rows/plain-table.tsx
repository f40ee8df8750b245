/** Plain table: a few rows that need neither sorting nor scrolling. */
import { type ReactNode, useRef } from 'react'
import { cn } from '../class-names.ts'
import { useScrollEdges } from './use-scroll-edges.ts'

type PlainTableProps = {
  label: string
  headers: readonly string[]
  rows: readonly { key: string; cells: readonly ReactNode[] }[]
  /** The headers of columns for which a phone has no room. */
  wideOnly?: readonly string[]
  /** The headers of columns that only a large window shows, in a table of many columns. */
  largeOnly?: readonly string[]
  /** The number of columns at the end that are aligned right: one, two that a reader compares, or none for sentences. */
  rightCount?: 0 | 1 | 2
}

/** A table with more columns has less space between them until the window is large. */
const MANY_COLUMNS = 5

/** The table. */
export function PlainTable({ label, headers, rows, wideOnly = [], largeOnly = [], rightCount = 1 }: PlainTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  useScrollEdges(scroller)
  const isRight = (index: number) => index >= headers.length - rightCount
  const classOf = (header: string | undefined, index: number) =>
    cn(
      // A short name stays on one line: a table would break it at its hyphen.
      'px-2 first:min-w-28 first:pl-4 last:pr-4',
      headers.length > MANY_COLUMNS ? 'xl:px-4' : 'sm:px-4',
      isRight(index) && 'text-right',
      wideOnly.includes(header ?? '') && 'max-sm:hidden',
      largeOnly.includes(header ?? '') && 'max-xl:hidden',
    )
  return (
    <div ref={scroller} className="scroll-edges overflow-x-auto">
      <table aria-label={label} className="w-full text-sm">
        <thead>
          <tr className="border-b border-line">
            {headers.map((header, index) => (
              <th
                key={header}
                scope="col"
                className={cn('h-9 text-left text-xs font-medium whitespace-nowrap text-soft', classOf(header, index))}
              >
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map(({ key, cells }) => (
            <tr key={key} className="hover:bg-raised">
              {cells.map((cell, index) => (
                <td
                  key={headers[index]}
                  className={cn('h-11 py-2', classOf(headers[index], index), isRight(index) && 'tabular')}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
