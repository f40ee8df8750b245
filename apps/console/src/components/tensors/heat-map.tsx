/** Heat map: a matrix as cells. The strongest colour is the largest number. */
import { tensorTexts as words } from '../../texts/english-tensors.ts'
import { shortNumber } from '../charts/short-number.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import type { TensorPlot } from './tensor-plot.ts'

type Heat = Extract<TensorPlot, { kind: 'heat' }>

/** A small matrix fills no card: a cell has at most this many pixels a side. */
const CELL_PX_MAX = 36

/** The smallest number keeps a trace of colour, so that it differs from a missing one. */
const FAINTEST = 0.06

export function HeatMap({ label, plot: { columns, cells, bounds, of } }: { label: string; plot: Heat }) {
  const { low, high } = bounds
  const strength = (value: number) => FAINTEST + (1 - FAINTEST) * (high === low ? 1 : (value - low) / (high - low))
  const rows = cells.length / columns
  return (
    <>
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${columns} ${rows}`}
        preserveAspectRatio="none"
        className="block max-h-72 w-full rounded-sm"
        style={{ maxWidth: columns * CELL_PX_MAX, height: rows * CELL_PX_MAX, maxHeight: '18rem' }}
      >
        {Array.from(cells.entries(), ([cell, value]) => (
          <Tooltip key={cell} text={cellText(cell, columns, value)}>
            <rect
              x={cell % columns}
              y={Math.floor(cell / columns)}
              width={1}
              height={1}
              // Smooth edges would draw a line between two cells.
              shapeRendering="crispEdges"
              className={value === undefined ? 'fill-bad' : 'fill-accent'}
              fillOpacity={value === undefined ? 1 : strength(value)}
            />
          </Tooltip>
        ))}
      </svg>
      <p className="mt-1.5 flex flex-wrap items-center gap-x-2 text-xs text-soft tabular">
        {shortNumber(low)}
        <span aria-hidden className="h-2 w-16 rounded-sm bg-linear-to-r from-accent/6 to-accent" />
        {shortNumber(high)}
        <span className="ml-auto">{words.block(...of)}</span>
      </p>
    </>
  )
}

const cellText = (cell: number, columns: number, value: number | undefined) =>
  `[${Math.floor(cell / columns)}, ${cell % columns}]\n${value === undefined ? words.notFinite : shortNumber(value)}`
