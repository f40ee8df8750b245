/**
 * Pareto chart: forms of a version by cost and fidelity, with a line through those that no other one beats. For screen
 * readers, it is a picture with one sentence. The table on the page has the same numbers.
 */
import type { ReactNode } from 'react'
import { useWidth } from '../../../components/charts/use-width.ts'
import { cn } from '../../../components/class-names.ts'
import { Tooltip } from '../../../components/dialogs/tooltip.tsx'
import type { BuildAxis, BuildMeasure } from '../../../search.ts'
import type { FormMark } from '../build-forms.ts'
import { buildTexts } from '../english-builds.ts'
import { COST_AXIS, MEASURE_AXIS } from './axes.ts'
import { frontierOf, placeLabels } from './pareto.ts'

const words = buildTexts.chart

export type ChartPoint = { key: string; name: string; mark: FormMark; x: number; y: number }

type ChartProps = { points: readonly ChartPoint[]; axis: BuildAxis; measure: BuildMeasure }

const HEIGHT = 300
const EDGE = { left: 64, right: 16, top: 14, bottom: 46 }
const BOTTOM = HEIGHT - EDGE.bottom
/** The width of a mark's text, with some room beside it. */
const TICK_PX = 90
/** Free space at the ends of an axis, as a share of its range. */
const PAD = 0.08

/** The chart, as wide as its place. */
export function ParetoChart(props: ChartProps) {
  const [box, width] = useWidth()
  return (
    <div ref={box} className="min-w-0">
      {width > 0 && <Drawing {...props} width={width} />}
      <Legend points={props.points} />
    </div>
  )
}

type Scale = { x: (value: number) => number; y: (value: number) => number; right: number }

function Drawing({ points, axis, measure, width }: ChartProps & { width: number }) {
  const costs = { low: 0, high: (1 + PAD) * Math.max(...points.map(({ x }) => x), Number.MIN_VALUE) }
  const fidelities = fidelityRange(points, measure)
  const right = Math.max(EDGE.left + 1, width - EDGE.right)
  const scale: Scale = {
    right,
    x: (value) => EDGE.left + (value / costs.high) * (right - EDGE.left),
    y: (value) => BOTTOM - ((value - fidelities.low) / (fidelities.high - fidelities.low)) * (BOTTOM - EDGE.top),
  }
  const frontier = frontierOf(points.filter(({ mark }) => mark !== 'refused'))
  const isOnFrontier = new Set(frontier.map(({ key }) => key))
  const drawn = points.map((point) => ({ ...point, x: scale.x(point.x), y: scale.y(point.y) }))
  const labels = placeLabels(lastOnTop(drawn, isOnFrontier).toReversed(), {
    left: EDGE.left,
    right,
    top: 0,
    bottom: BOTTOM,
  })
  return (
    <svg role="img" aria-label={saidOf({ points, axis, measure }, frontier)} width={width} height={HEIGHT}>
      <FidelityAxis scale={scale} measure={measure} range={fidelities} />
      <CostAxis scale={scale} axis={axis} range={costs} />
      <Staircase points={frontier.map(({ x, y }) => ({ x: scale.x(x), y: scale.y(y) }))} />
      {lastOnTop(points, isOnFrontier).map((point) => (
        <Mark
          key={point.key}
          point={point}
          x={scale.x(point.x)}
          y={scale.y(point.y)}
          isOnFrontier={isOnFrontier.has(point.key)}
          text={words.point(point.name, COST_AXIS[axis].text(point.x), MEASURE_AXIS[measure].text(point.y))}
        />
      ))}
      {labels.map(({ key, x, y, anchor }) => (
        <text
          key={key}
          x={x}
          y={y}
          dy="0.32em"
          textAnchor={anchor}
          strokeWidth={3}
          paintOrder="stroke"
          className={cn('stroke-surface text-2xs', isOnFrontier.has(key) ? 'fill-text font-medium' : 'fill-soft')}
        >
          {points.find((point) => point.key === key)?.name}
        </text>
      ))}
    </svg>
  )
}

/** A point of the frontier lies over others at the same place. */
const lastOnTop = <P extends { key: string }>(points: readonly P[], isOnFrontier: ReadonlySet<string>): P[] =>
  points.toSorted((a, b) => Number(isOnFrontier.has(a.key)) - Number(isOnFrontier.has(b.key)))

/** From below the worst to the best that is possible: 1, or no difference. */
function fidelityRange(points: readonly ChartPoint[], measure: BuildMeasure) {
  const best = measure === 'agreement' ? 1 : 0
  const worst = Math.min(best, ...points.map(({ y }) => y))
  const pad = PAD * (best - worst) || 0.01
  return { low: worst - pad, high: best + pad }
}

function saidOf({ points, axis, measure }: ChartProps, frontier: readonly ChartPoint[]): string {
  return words.said({
    axis: words.axes[axis],
    measure: words.measures[measure],
    frontier: frontier.map(({ name }) => name),
    refused: points.filter(({ mark }) => mark === 'refused').map(({ name }) => name),
  })
}

type Range = { low: number; high: number }

function FidelityAxis({ scale, measure, range }: { scale: Scale; measure: BuildMeasure; range: Range }) {
  const { text, ticks } = MEASURE_AXIS[measure]
  const best = measure === 'agreement' ? 1 : 0
  return ticks(range, 4)
    .filter((tick) => tick <= best)
    .map((tick) => (
      <g key={tick}>
        <line x1={EDGE.left} x2={scale.right} y1={scale.y(tick)} y2={scale.y(tick)} className="stroke-line" />
        <text x={EDGE.left - 8} y={scale.y(tick)} dy="0.32em" textAnchor="end" className="fill-soft text-2xs tabular">
          {text(tick)}
        </text>
      </g>
    ))
}

function CostAxis({ scale, axis, range }: { scale: Scale; axis: BuildAxis; range: Range }) {
  const { text, ticks } = COST_AXIS[axis]
  return (
    <>
      <line x1={EDGE.left} x2={scale.right} y1={BOTTOM} y2={BOTTOM} className="stroke-line-strong" />
      {ticks(range, Math.max(2, Math.floor((scale.right - EDGE.left) / TICK_PX))).map((tick) => (
        <text key={tick} x={scale.x(tick)} y={BOTTOM + 16} textAnchor="middle" className="fill-soft text-2xs tabular">
          {text(tick)}
        </text>
      ))}
      <text x={scale.right} y={HEIGHT - 6} textAnchor="end" className="fill-soft text-2xs">
        {words.axes[axis]}
      </text>
    </>
  )
}

/** Between two of its points nothing better is known, so the frontier is a staircase. */
function Staircase({ points }: { points: readonly { x: number; y: number }[] }) {
  const [first, ...rest] = points
  if (!first || rest.length === 0) return null
  const steps = rest.map(({ x, y }) => `H ${x.toFixed(1)} V ${y.toFixed(1)}`).join(' ')
  return (
    <path
      d={`M ${first.x.toFixed(1)} ${first.y.toFixed(1)} ${steps}`}
      fill="none"
      strokeWidth={1.5}
      className="stroke-accent/60"
    />
  )
}

type MarkProps = { point: ChartPoint; x: number; y: number; isOnFrontier: boolean; text: string }

function Mark({ point: { mark }, x, y, isOnFrontier, text }: MarkProps) {
  return (
    <Tooltip text={text}>
      <g>
        <circle cx={x} cy={y} r={11} fill="transparent" />
        <MarkShape mark={mark} x={x} y={y} isOnFrontier={isOnFrontier} />
      </g>
    </Tooltip>
  )
}

type ShapeProps = { mark: FormMark; x: number; y: number; isOnFrontier: boolean }

/** Each meaning has a shape of its own, so that colour does not stand alone. */
function MarkShape({ mark, x, y, isOnFrontier }: ShapeProps) {
  if (mark === 'version') return <rect x={x - 5} y={y - 5} width={10} height={10} rx={1.5} className="fill-text" />
  if (mark === 'refused')
    return (
      <path
        d={`M ${x - 4} ${y - 4} l 8 8 m 0 -8 l -8 8`}
        strokeWidth={2}
        strokeLinecap="round"
        className="stroke-warn"
        fill="none"
      />
    )
  return (
    <circle
      cx={x}
      cy={y}
      r={5}
      strokeWidth={2}
      className={isOnFrontier ? 'fill-accent stroke-accent' : 'fill-surface stroke-accent'}
    />
  )
}

/** The legend explains only marks that the chart shows. */
function Legend({ points }: { points: readonly ChartPoint[] }) {
  const frontier = new Set(frontierOf(points.filter(({ mark }) => mark !== 'refused')).map(({ key }) => key))
  const has = (mark: FormMark, isOnFrontier: boolean) =>
    points.some((point) => point.mark === mark && frontier.has(point.key) === isOnFrontier)
  return (
    <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {(has('version', true) || has('version', false)) && (
        <Key mark="version" isOnFrontier>
          {words.version}
        </Key>
      )}
      {has('build', true) && (
        <Key mark="build" isOnFrontier>
          {words.frontier}
        </Key>
      )}
      {has('build', false) && (
        <Key mark="build" isOnFrontier={false}>
          {words.beaten}
        </Key>
      )}
      {has('refused', false) && (
        <Key mark="refused" isOnFrontier={false}>
          {words.refused}
        </Key>
      )}
    </ul>
  )
}

const Key = ({ mark, isOnFrontier, children }: { mark: FormMark; isOnFrontier: boolean; children: ReactNode }) => (
  <li className="inline-flex items-center gap-1.5">
    <svg width={14} height={14} aria-hidden>
      <MarkShape mark={mark} x={7} y={7} isOnFrontier={isOnFrontier} />
    </svg>
    {children}
  </li>
)
