/**
 * Series chart: a number over time. A line shows its mean, and a band around it shows its bounds. Marks below show bad
 * values, and a shaded ground shows gaps. For screen readers, the chart is a picture with one sentence. The page adds a
 * table with the same data.
 */
import type { ReactNode } from 'react'
import { seriesTexts as words } from '../../texts/english-series.ts'
import { timeLocale } from '../../texts/language.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import {
  type Between,
  boundsOf,
  DAY_MS,
  type Drawn,
  gapOf,
  gapsOf,
  numberTicks,
  rangeOf,
  runsOf,
  type SeriesPoint,
  timeTicks,
} from './series-scale.ts'
import { shortNumber } from './short-number.ts'
import { useWidth } from './use-width.ts'

type ChartProps = {
  name: string
  points: readonly SeriesPoint[]
  span: Between
  /** The time that each point covers. */
  partMs: number
  unit?: string | undefined
}

const HEIGHT = 240
const EDGE = { left: 60, right: 12, top: 10, bottom: 34 }
/** Under the axis: marks of bad values. */
const BAD_PX = 6
const PLOT_BOTTOM = HEIGHT - EDGE.bottom
/** The width of a time label, with some room beside it. */
const TICK_PX = 90

type Scale = { x: (ms: number) => number; y: (value: number) => number; width: number }

/** The chart, as wide as its place. */
export function SeriesChart(props: ChartProps) {
  const [box, width] = useWidth()
  return (
    <div ref={box} className="min-w-0">
      {width > 0 && <Drawing {...props} width={width} />}
      <Legend points={props.points} />
    </div>
  )
}

function Drawing({ name, unit, points, span, partMs, width }: ChartProps & { width: number }) {
  const bounds = boundsOf(points)
  const { low, high } = bounds ?? { low: 0, high: 1 }
  const right = Math.max(EDGE.left + 1, width - EDGE.right)
  const scale: Scale = {
    width,
    x: (ms) => EDGE.left + ((ms - span.fromMs) / (span.toMs - span.fromMs)) * (right - EDGE.left),
    // Halved first, because the difference of two very large numbers can be infinite.
    y: (value) => PLOT_BOTTOM - ((value / 2 - low / 2) / (high / 2 - low / 2)) * (PLOT_BOTTOM - EDGE.top),
  }
  const gapMs = gapOf(points, partMs)
  return (
    <svg role="img" aria-label={saidOf(name, points, unit)} width={width} height={HEIGHT} className="block">
      {gapsOf(points, span, gapMs, partMs).map((gap) => (
        <rect
          key={gap.fromMs}
          {...across(scale, gap)}
          y={EDGE.top}
          height={PLOT_BOTTOM - EDGE.top}
          className="fill-raised"
        />
      ))}
      {bounds && <NumberAxis scale={scale} low={low} high={high} />}
      <TimeAxis scale={scale} span={span} />
      {runsOf(points, gapMs).map((run) => (
        <Run key={run[0]?.atMs} run={run} scale={scale} partMs={partMs} />
      ))}
      {points.map((point) => (
        <PointMarks key={point.atMs} point={point} scale={scale} partMs={partMs} />
      ))}
    </svg>
  )
}

/** The sentence that a screen reader reads instead of the picture. */
function saidOf(name: string, points: readonly SeriesPoint[], unit: string | undefined): string {
  const sum = (of: (point: SeriesPoint) => number) => points.reduce((total, point) => total + of(point), 0)
  const range = rangeOf(points)
  const bounds = range && { low: shortNumber(range.low), high: shortNumber(range.high) }
  return words.said({ name, values: sum(({ count }) => count), bad: sum(({ bad }) => bad), bounds, unit })
}

const across = ({ x }: Scale, { fromMs, toMs }: Between) => ({ x: x(fromMs), width: Math.max(1, x(toMs) - x(fromMs)) })

function NumberAxis({ scale, low, high }: { scale: Scale; low: number; high: number }) {
  return numberTicks(low, high, 4).map((tick) => (
    <g key={tick}>
      <line
        x1={EDGE.left}
        x2={scale.width - EDGE.right}
        y1={scale.y(tick)}
        y2={scale.y(tick)}
        className="stroke-line"
      />
      <text x={EDGE.left - 8} y={scale.y(tick)} dy="0.32em" textAnchor="end" className="fill-soft text-2xs tabular">
        {shortNumber(tick)}
      </text>
    </g>
  ))
}

function TimeAxis({ scale, span }: { scale: Scale; span: Between }) {
  const offsetMs = -new Date(span.toMs).getTimezoneOffset() * 60_000
  const { stepMs, ticks } = timeTicks(span, Math.max(2, Math.floor(scale.width / TICK_PX)), offsetMs)
  const baseline = PLOT_BOTTOM + BAD_PX + 2
  return (
    <>
      <line
        x1={EDGE.left}
        x2={scale.width - EDGE.right}
        y1={PLOT_BOTTOM}
        y2={PLOT_BOTTOM}
        className="stroke-line-strong"
      />
      {ticks.map((tick) => (
        <text key={tick} x={scale.x(tick)} y={baseline + 14} textAnchor="middle" className="fill-soft text-2xs tabular">
          {timeLabel(tick, stepMs)}
        </text>
      ))}
    </>
  )
}

/** A line through the means in a band of the bounds. A single point is a dot. */
function Run({ run, scale: { x, y }, partMs }: { run: readonly Drawn[]; scale: Scale; partMs: number }) {
  const at = ({ atMs }: Drawn) => x(atMs + partMs / 2)
  const line = (of: (drawn: Drawn) => number, drawn: readonly Drawn[]) =>
    drawn.map((each) => `${at(each).toFixed(1)} ${y(of(each)).toFixed(1)}`).join(' L ')
  const [only] = run
  if (only && run.length === 1)
    return (
      <>
        <line
          x1={at(only)}
          x2={at(only)}
          y1={y(only.min)}
          y2={y(only.max)}
          className="stroke-accent"
          strokeWidth={1.5}
        />
        <circle cx={at(only)} cy={y(only.mean)} r={2.5} className="fill-accent" />
      </>
    )
  return (
    <>
      <path
        d={`M ${line(({ max }) => max, run)} L ${line(({ min }) => min, run.toReversed())} Z`}
        className="fill-accent/20"
      />
      <path d={`M ${line(({ mean }) => mean, run)}`} fill="none" className="stroke-accent" strokeWidth={1.75} />
    </>
  )
}

/** The mark of bad values, and the tooltip of a point. */
function PointMarks({ point, scale, partMs }: { point: SeriesPoint; scale: Scale; partMs: number }) {
  const place = across(scale, { fromMs: point.atMs, toMs: point.atMs + partMs })
  return (
    <>
      {point.bad > 0 && <rect {...place} y={PLOT_BOTTOM + 1} height={BAD_PX} className="fill-bad" />}
      <Tooltip text={pointText(point)}>
        <rect {...place} y={EDGE.top} height={PLOT_BOTTOM - EDGE.top + BAD_PX} fill="transparent" />
      </Tooltip>
    </>
  )
}

function pointText({ atMs, count, bad, min, mean, max }: SeriesPoint): string {
  const lines = [full.format(atMs), words.values(count, bad)]
  if (min !== undefined && mean !== undefined && max !== undefined)
    lines.push(min === max ? shortNumber(mean) : words.bounds(shortNumber(min), shortNumber(mean), shortNumber(max)))
  return lines.join('\n')
}

/** The legend explains only marks that the chart shows. */
function Legend({ points }: { points: readonly SeriesPoint[] }) {
  return (
    <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      <Key mark={<span className="h-0.5 w-4 bg-accent" />}>{words.mean}</Key>
      <Key mark={<span className="h-3 w-4 bg-accent/20" />}>{words.band}</Key>
      <Key mark={<span className="h-3 w-4 border border-line bg-raised" />}>{words.gap}</Key>
      {points.some(({ bad }) => bad > 0) && <Key mark={<span className="h-1.5 w-4 bg-bad" />}>{words.bad}</Key>}
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

const full = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'medium', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(timeLocale, { day: 'numeric', month: 'short' })
const minute = new Intl.DateTimeFormat(timeLocale, { hour: '2-digit', minute: '2-digit' })
const second = new Intl.DateTimeFormat(timeLocale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** The label shows only the part of a time that differs between neighbours. */
function timeLabel(ms: number, stepMs: number): string {
  if (stepMs >= DAY_MS) return day.format(ms)
  if (stepMs >= 60_000) return minute.format(ms)
  return stepMs >= 1_000 ? second.format(ms) : `${second.format(ms)}.${String(ms % 1_000).padStart(3, '0')}`
}
