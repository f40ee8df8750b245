/** Vector chart: a short vector as bars, a long one as a line with the bounds of its parts. */
import type { ReactNode } from 'react'
import { tensorTexts as words } from '../../texts/english-tensors.ts'
import { numberTicks } from '../charts/series-scale.ts'
import { shortNumber } from '../charts/short-number.ts'
import { useWidth } from '../charts/use-width.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import type { Bounds, LinePart, TensorPlot } from './tensor-plot.ts'

type Vector = Extract<TensorPlot, { kind: 'bars' | 'line' }>
type ChartProps = { label: string; plot: Vector; expected: TensorPlot | undefined }

const HEIGHT = 140
const EDGE = { left: 52, right: 6, top: 8, bottom: 8 }
const BAR_PX_MAX = 40

type Scale = { left: number; right: number; y: (value: number) => number; bounds: Bounds }

export function VectorChart({ label, plot, expected }: ChartProps) {
  const [box, width] = useWidth()
  const other = expected && expected.kind === plot.kind ? (expected as Vector) : undefined
  return (
    <div ref={box} className="min-w-0">
      {width > 0 && <Drawing label={label} plot={plot} other={other} width={width} />}
      <Legend plot={plot} hasExpected={other !== undefined} />
    </div>
  )
}

function Drawing({
  label,
  plot,
  other,
  width,
}: {
  label: string
  plot: Vector
  other?: Vector | undefined
  width: number
}) {
  const bounds = widest(plot.bounds, other?.bounds ?? plot.bounds)
  const span = bounds.high - bounds.low || 1
  const scale: Scale = {
    bounds,
    left: EDGE.left,
    right: Math.max(EDGE.left + 1, width - EDGE.right),
    y: (value) => HEIGHT - EDGE.bottom - ((value - bounds.low) / span) * (HEIGHT - EDGE.top - EDGE.bottom),
  }
  return (
    <svg role="img" aria-label={label} width={width} height={HEIGHT} className="block">
      <Axis scale={scale} />
      {plot.kind === 'bars' ? (
        <Bars values={plot.values} expected={other?.kind === 'bars' ? other.values : undefined} scale={scale} />
      ) : (
        <Lines parts={plot.parts} expected={other?.kind === 'line' ? other.parts : undefined} scale={scale} />
      )}
    </svg>
  )
}

const widest = (a: Bounds, b: Bounds): Bounds => ({ low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) })

const Axis = ({ scale: { left, right, y, bounds } }: { scale: Scale }) =>
  numberTicks(bounds.low, bounds.high, 4).map((tick) => (
    <g key={tick}>
      <line x1={left} x2={right} y1={y(tick)} y2={y(tick)} className="stroke-line" />
      <text x={left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className="fill-soft text-2xs tabular">
        {shortNumber(tick)}
      </text>
    </g>
  ))

type BarsProps = { values: readonly number[]; expected: readonly number[] | undefined; scale: Scale }

/** The expected value is a mark across the bar. */
function Bars({ values, expected, scale: { left, right, y } }: BarsProps) {
  const step = (right - left) / values.length
  const wide = Math.min(BAR_PX_MAX, step * 0.7)
  return Array.from(values.entries(), ([index, value]) => {
    const centre = left + step * (index + 0.5)
    const wanted = expected?.[index]
    const top = Number.isFinite(value) ? Math.min(y(value), y(0)) : y(0)
    const size = Number.isFinite(value) ? Math.max(1, Math.abs(y(value) - y(0))) : 0
    return (
      <Tooltip key={index} text={barText(index, value, wanted)}>
        <g>
          <rect
            x={centre - step / 2}
            y={EDGE.top}
            width={step}
            height={HEIGHT - EDGE.top - EDGE.bottom}
            fill="transparent"
          />
          <rect x={centre - wide / 2} y={top} width={wide} height={size} rx={1.5} className="fill-accent" />
          {wanted !== undefined && Number.isFinite(wanted) && (
            <line
              x1={centre - step * 0.45}
              x2={centre + step * 0.45}
              y1={y(wanted)}
              y2={y(wanted)}
              className="stroke-warn"
              strokeWidth={2}
            />
          )}
        </g>
      </Tooltip>
    )
  })
}

function barText(index: number, value: number, wanted: number | undefined): string {
  const lines = [words.element(index), `${words.actual} ${shortNumber(value)}`]
  return [...lines, ...(wanted === undefined ? [] : [`${words.expected} ${shortNumber(wanted)}`])].join('\n')
}

type LinesProps = { parts: readonly LinePart[]; expected: readonly LinePart[] | undefined; scale: Scale }

/** A band from the minimum to the maximum of each part, and a line through the means. */
function Lines({ parts, expected, scale }: LinesProps) {
  const step = (scale.right - scale.left) / parts.length
  const x = (index: number) => scale.left + step * (index + 0.5)
  const path = (list: readonly LinePart[]) =>
    pathOf(list, (part, index) => part.mean !== undefined && [x(index), scale.y(part.mean)])
  return (
    <>
      {Array.from(parts.entries(), ([index, part]) => (
        <Tooltip key={part.from} text={partText(part)}>
          <g>
            <rect
              x={x(index) - step / 2}
              y={EDGE.top}
              width={step}
              height={HEIGHT - EDGE.top - EDGE.bottom}
              fill="transparent"
            />
            {part.min !== undefined && part.max !== undefined && (
              <line
                x1={x(index)}
                x2={x(index)}
                y1={scale.y(part.min)}
                y2={scale.y(part.max)}
                className="stroke-accent/25"
                strokeWidth={step}
              />
            )}
          </g>
        </Tooltip>
      ))}
      <path d={path(parts)} fill="none" className="pointer-events-none stroke-accent" strokeWidth={1.75} />
      {expected && (
        <path
          d={path(expected)}
          fill="none"
          className="pointer-events-none stroke-warn"
          strokeWidth={1.5}
          strokeDasharray="5 4"
        />
      )}
    </>
  )
}

/** A path that pauses at parts without a number. */
function pathOf(
  parts: readonly LinePart[],
  pointOf: (part: LinePart, index: number) => [number, number] | false,
): string {
  let isDrawing = false
  return parts
    .flatMap((part, index) => {
      const point = pointOf(part, index)
      const verb = isDrawing ? 'L' : 'M'
      isDrawing = point !== false
      return point === false ? [] : [`${verb} ${point[0].toFixed(1)} ${point[1].toFixed(1)}`]
    })
    .join(' ')
}

function partText({ from, to, min, mean, max }: LinePart): string {
  const title = to - from === 1 ? words.element(from) : words.elements(from, to - 1)
  if (min === undefined || mean === undefined || max === undefined) return `${title}\n${words.notFinite}`
  return `${title}\n${min === max ? shortNumber(mean) : words.bounds(shortNumber(min), shortNumber(mean), shortNumber(max))}`
}

function Legend({ plot, hasExpected }: { plot: Vector; hasExpected: boolean }) {
  const isSampled = plot.kind === 'line' && plot.count > plot.parts.length
  if (!hasExpected && !isSampled) return null
  return (
    <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {hasExpected && <Key mark={<span className="size-2.5 rounded-xs bg-accent" />}>{words.actual}</Key>}
      {hasExpected && <Key mark={<span className="h-0.5 w-4 bg-warn" />}>{words.expected}</Key>}
      {isSampled && <Key mark={<span className="h-3 w-4 bg-accent/25" />}>{words.band}</Key>}
      {isSampled && <li>{words.sampled(plot.parts.length, plot.count)}</li>}
    </ul>
  )
}

const Key = ({ mark, children }: { mark: ReactNode; children: string }) => (
  <li className="inline-flex items-center gap-1.5">
    <span aria-hidden className="inline-flex items-center">
      {mark}
    </span>
    {children}
  </li>
)
