/** Traffic chart: the rate, the share of errors and the latency of a model on one axis of time, with its rollouts. */
import type { TrafficPoint, TrafficSeries } from '@skerry/contract/traffic/traffic'
import { requestRate } from '@skerry/core/traffic/points'
import type { ReactNode } from 'react'
import { durationText } from '../../components/charts/amounts.ts'
import { numberTicks, timeTicks } from '../../components/charts/series-scale.ts'
import { useWidth } from '../../components/charts/use-width.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { trafficTexts as words } from './english-traffic.ts'
import {
  errorShare,
  gapsBetween,
  type Panel,
  type PanelLine,
  type PanelName,
  panelsOf,
  piecesOfLine,
} from './traffic-lines.ts'

const PANEL = { height: 84, title: 20, gap: 14 }
const EDGE = { left: 60, right: 12, bottom: 24 }
const TICK_PX = 90

const textOf: Readonly<Record<PanelName, (value: number) => string>> = {
  rate: words.rate,
  errors: words.percent,
  latency: durationText,
}

type Axis = { x: (ms: number) => number; width: number; height: number }

/** As wide as its place. */
export function TrafficChart({ series, nowMs }: { series: TrafficSeries; nowMs: number }) {
  const [box, width] = useWidth()
  const { points, rollouts } = series
  return (
    <div ref={box} className="min-w-0">
      {width > 0 && <Drawing series={series} nowMs={nowMs} width={width} />}
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
        <Key mark={<LineMark />}>{words.keys.p95}</Key>
        <Key mark={<LineMark isSecond />}>{words.keys.p50}</Key>
        {rollouts.length > 0 && <Key mark={<span className="h-3 w-px bg-busy" />}>{words.keys.rollout}</Key>}
        {points.some(({ isOpen }) => isOpen) && (
          <Key mark={<span className="h-3 w-4 border border-line bg-accent/20" />}>{words.keys.open}</Key>
        )}
        {gapsBetween(points).length > 0 && (
          <Key mark={<span className="h-3 w-4 border border-line bg-raised" />}>{words.keys.gap}</Key>
        )}
      </ul>
    </div>
  )
}

const LineMark = ({ isSecond }: { isSecond?: true }) => (
  <svg aria-hidden width={20} height={4}>
    <line x1={0} x2={20} y1={2} y2={2} strokeWidth={2} {...lookOf(isSecond)} />
  </svg>
)

const lookOf = (isSecond: true | undefined) =>
  isSecond ? { className: 'stroke-idle', strokeDasharray: '5 4' } : { className: 'stroke-accent' }

function Drawing({ series, nowMs, width }: { series: TrafficSeries; nowMs: number; width: number }) {
  const { points, rollouts, fromMs, toMs } = series
  const panels = panelsOf(points, nowMs)
  const right = Math.max(EDGE.left + 1, width - EDGE.right)
  const plotHeight = panels.length * (PANEL.title + PANEL.height + PANEL.gap)
  const axis: Axis = {
    x: (ms) => EDGE.left + ((ms - fromMs) / (toMs - fromMs)) * (right - EDGE.left),
    width: right,
    height: plotHeight,
  }
  const requests = points.reduce((sum, point) => sum + point.requests, 0)
  const failures = points.reduce((sum, point) => sum + point.failures, 0)
  return (
    <svg
      role="img"
      aria-label={words.said(points.length, requests, failures, rollouts.length)}
      width={width}
      height={plotHeight + EDGE.bottom}
      className="block"
    >
      {panels.map((panel, at) => (
        <PanelDrawing
          key={panel.name}
          panel={panel}
          points={points}
          axis={axis}
          topPx={at * (PANEL.title + PANEL.height + PANEL.gap) + PANEL.title}
        />
      ))}
      <TimeAxis series={series} axis={axis} width={width} />
      {points.map((point) => (
        <Tooltip key={point.startMs} text={pointText(point, nowMs)}>
          <rect
            x={axis.x(point.startMs)}
            width={Math.max(1, axis.x(point.endMs) - axis.x(point.startMs))}
            y={0}
            height={plotHeight}
            fill="transparent"
          />
        </Tooltip>
      ))}
      {rollouts.map((mark) => (
        <RolloutMark key={mark.rollout} mark={mark} axis={axis} />
      ))}
    </svg>
  )
}

/** Wider than the line, so that a pointer can reach it. */
const MARK_PX = 9

function RolloutMark({ mark, axis }: { mark: TrafficSeries['rollouts'][number]; axis: Axis }) {
  const at = axis.x(mark.atMs)
  return (
    <Tooltip text={`${minute.format(mark.atMs)}\n${words.mark(mark.deployment, mark.version)}`}>
      <g>
        <line x1={at} x2={at} y1={PANEL.title} y2={axis.height - PANEL.gap} className="stroke-busy" strokeWidth={1} />
        <rect x={at - MARK_PX / 2} width={MARK_PX} y={0} height={axis.height} fill="transparent" />
      </g>
    </Tooltip>
  )
}

type PanelProps = { panel: Panel; points: readonly TrafficPoint[]; axis: Axis; topPx: number }

function PanelDrawing({ panel, points, axis, topPx }: PanelProps) {
  const { name, lines, high } = panel
  const bottom = topPx + PANEL.height
  const y = (value: number) => bottom - (value / high) * PANEL.height
  const ground = { y: topPx, height: PANEL.height }
  return (
    <g>
      <text x={EDGE.left} y={topPx - 7} className="fill-soft text-xs">
        {words.panels[name]}
      </text>
      {gapsBetween(points).map(({ fromMs, toMs }) => (
        <rect
          key={fromMs}
          x={axis.x(fromMs)}
          width={axis.x(toMs) - axis.x(fromMs)}
          {...ground}
          className="fill-raised"
        />
      ))}
      {points
        .filter(({ isOpen }) => isOpen)
        .map(({ startMs, endMs }) => (
          <rect
            key={startMs}
            x={axis.x(startMs)}
            width={Math.max(1, axis.x(endMs) - axis.x(startMs))}
            {...ground}
            className="fill-accent/20"
          />
        ))}
      {numberTicks(0, high, 2).map((tick) => (
        <g key={tick}>
          <line x1={EDGE.left} x2={axis.width} y1={y(tick)} y2={y(tick)} className="stroke-line" />
          <text x={EDGE.left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className="fill-soft text-2xs tabular">
            {textOf[name](tick)}
          </text>
        </g>
      ))}
      {lines.map((line) => (
        <Line key={String(line.isSecond)} line={line} points={points} at={{ x: axis.x, y }} />
      ))}
    </g>
  )
}

type LineProps = {
  line: PanelLine
  points: readonly TrafficPoint[]
  at: { x: (ms: number) => number; y: (value: number) => number }
}

/** A single point is a dot. */
function Line({ line, points, at: { x, y } }: LineProps) {
  const { className, ...dashes } = lookOf(line.isSecond)
  return piecesOfLine(points, line).map((piece) => {
    const [first] = piece
    if (!first) return null
    if (piece.length === 1)
      return (
        <circle
          key={first.atMs}
          cx={x(first.atMs)}
          cy={y(first.value)}
          r={2}
          className={line.isSecond ? 'fill-idle' : 'fill-accent'}
        />
      )
    const path = piece.map(({ atMs, value }) => `${x(atMs).toFixed(1)} ${y(value).toFixed(1)}`).join(' L ')
    return <path key={first.atMs} d={`M ${path}`} fill="none" strokeWidth={1.5} className={className} {...dashes} />
  })
}

function TimeAxis({ series: { fromMs, toMs }, axis, width }: { series: TrafficSeries; axis: Axis; width: number }) {
  const offsetMs = -new Date(toMs).getTimezoneOffset() * 60_000
  const { stepMs, ticks } = timeTicks({ fromMs, toMs }, Math.max(2, Math.floor(width / TICK_PX)), offsetMs)
  return ticks.map((tick) => (
    <text key={tick} x={axis.x(tick)} y={axis.height + 8} textAnchor="middle" className="fill-soft text-2xs tabular">
      {(stepMs >= 86_400_000 ? day : hour).format(tick)}
    </text>
  ))
}

const pointText = (point: TrafficPoint, nowMs: number) =>
  words.point({
    ...point,
    time: minute.format(point.startMs),
    rate: requestRate(point, nowMs),
    share: errorShare(point) ?? 0,
    p50Us: point.p50Us,
    p95Us: point.p95Us,
  })

const Key = ({ mark, children }: { mark: ReactNode; children: string }) => (
  <li className="inline-flex items-center gap-1.5">
    <span aria-hidden className="inline-flex items-center">
      {mark}
    </span>
    {children}
  </li>
)

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const minute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
