/** Curve chart: figures of a campaign by round, as lines with a dot for each round. */
import { numberTicks } from '../../components/charts/series-scale.ts'
import { useWidth } from '../../components/charts/use-width.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { campaignsTexts } from './english-campaigns.ts'

const words = campaignsTexts.curves

const HEIGHT = 170
const EDGE = { left: 48, right: 12, top: 10, bottom: 24 }

/** Labels of the x axis need so much room. */
const TICK_PX = 44

export type CurvePoint = { round: number; value: number; rows?: number | undefined }
type Curve = { name: string; points: readonly CurvePoint[] }

type CurveChartProps = {
  title: string
  /** The first one has the colour of the accent, and the second one dashes. */
  curves: readonly Curve[]
  rounds: number
  /** The top of the axis; the largest value if absent. */
  high?: number
  text: (value: number) => string
}

/** As wide as its place. */
export function CurveChart(props: CurveChartProps) {
  const [box, width] = useWidth()
  const { curves } = props
  return (
    <div ref={box} className="min-w-0">
      {width > 0 && <Drawing {...props} width={width} />}
      {curves.length > 1 && (
        <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
          {curves.map(({ name }, index) => (
            <li key={name} className="inline-flex items-center gap-1.5">
              <svg aria-hidden width={20} height={4}>
                <line x1={0} x2={20} y1={2} y2={2} strokeWidth={2} {...lookOf(index)} />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

const lookOf = (index: number) =>
  index === 0 ? { className: 'stroke-accent' } : { className: 'stroke-idle', strokeDasharray: '5 4' }

function Drawing({ title, curves, rounds, high: given, text, width }: CurveChartProps & { width: number }) {
  const all = curves.flatMap(({ points }) => points)
  const [first] = curves[0]?.points ?? []
  const last = curves[0]?.points.at(-1)
  const high = given ?? (Math.max(...all.map(({ value }) => value), 0) * 1.05 || 1)
  const right = width - EDGE.right
  const bottom = HEIGHT - EDGE.bottom
  const x = (round: number) => EDGE.left + (round / Math.max(1, rounds)) * (right - EDGE.left)
  const y = (value: number) => bottom - (Math.min(value, high) / high) * (bottom - EDGE.top)
  const step = Math.max(1, Math.ceil((rounds * TICK_PX) / (right - EDGE.left)))
  const ticks = Array.from({ length: Math.floor(rounds / step) + 1 }, (_, at) => at * step)
  return (
    <svg
      role="img"
      aria-label={words.said(title, all.length, first ? text(first.value) : '–', last ? text(last.value) : '–')}
      width={width}
      height={HEIGHT}
      className="block"
    >
      {numberTicks(0, high, 4).map((tick) => (
        <g key={tick}>
          <line x1={EDGE.left} x2={right} y1={y(tick)} y2={y(tick)} className="stroke-line" />
          <text x={EDGE.left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className="fill-soft text-2xs tabular">
            {text(tick)}
          </text>
        </g>
      ))}
      {ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={bottom + 16} textAnchor="middle" className="fill-soft text-2xs tabular">
          {tick}
        </text>
      ))}
      {curves.map((curve, index) => (
        <Line key={curve.name} curve={curve} index={index} at={{ x, y }} text={text} />
      ))}
    </svg>
  )
}

type LineProps = {
  curve: Curve
  index: number
  at: { x: (round: number) => number; y: (value: number) => number }
  text: (value: number) => string
}

function Line({ curve: { name, points }, index, at: { x, y }, text }: LineProps) {
  const line = points.map(({ round, value }) => `${x(round).toFixed(1)} ${y(value).toFixed(1)}`).join(' L ')
  return (
    <g>
      {points.length > 1 && <path d={`M ${line}`} fill="none" strokeWidth={1.75} {...lookOf(index)} />}
      {points.map(({ round, value, rows }) => (
        <Tooltip
          key={round}
          text={[words.round(round), `${name}: ${text(value)}`, rows === undefined ? '' : words.rows(rows)]
            .filter((part) => part !== '')
            .join('\n')}
        >
          <circle cx={x(round)} cy={y(value)} r={3} className={index === 0 ? 'fill-accent' : 'fill-idle'} />
        </Tooltip>
      ))}
    </g>
  )
}
