/** Step chart: a number over time, as steps. Each step is a dot with its reason. */
import type { ScaleStep } from '@skerry/contract/scaling/scaling'
import { useWidth } from '../../components/charts/use-width.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { timeLocale } from '../../texts/language.ts'

const HEIGHT = 96
const EDGE = { left: 28, right: 10, top: 10, bottom: 20 }
const BOTTOM = HEIGHT - EDGE.bottom

/** In milliseconds. A single step would otherwise fill the whole width. */
const SPAN_MIN_MS = 60_000

type StepChartProps = { steps: readonly ScaleStep[]; max: number; nowMs: number; label: string }

/** The chart, as wide as its place. It ends at the present. */
export function StepChart(props: StepChartProps) {
  const [box, width] = useWidth()
  return (
    <div ref={box} className="min-w-0">
      {width > 0 && <Drawing {...props} width={width} />}
    </div>
  )
}

function Drawing({ steps, max, nowMs, label, width }: StepChartProps & { width: number }) {
  const [first] = steps
  if (!first) return null
  const toMs = Math.max(nowMs, steps.at(-1)?.atMs ?? nowMs)
  const fromMs = Math.min(first.atMs, toMs - SPAN_MIN_MS)
  const top = Math.max(1, max, ...steps.flatMap(({ from, to }) => [from, to]))
  const right = width - EDGE.right
  const x = (ms: number) => EDGE.left + ((ms - fromMs) / (toMs - fromMs)) * (right - EDGE.left)
  const y = (value: number) => BOTTOM - (value / top) * (BOTTOM - EDGE.top)
  const line = steps.map(({ atMs, to }) => `H ${x(atMs).toFixed(1)} V ${y(to).toFixed(1)}`).join(' ')
  return (
    <svg role="img" aria-label={label} width={width} height={HEIGHT} className="block">
      {[0, top].map((tick) => (
        <g key={tick}>
          <line x1={EDGE.left} x2={right} y1={y(tick)} y2={y(tick)} className="stroke-line" />
          <text x={EDGE.left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className="fill-soft text-2xs tabular">
            {tick}
          </text>
        </g>
      ))}
      <path
        d={`M ${x(fromMs).toFixed(1)} ${y(first.from).toFixed(1)} ${line} H ${right}`}
        fill="none"
        className="stroke-accent"
        strokeWidth={1.75}
      />
      {[first.atMs, toMs].map((ms, at) => (
        <text
          key={ms}
          x={at === 0 ? EDGE.left : right}
          y={HEIGHT - 4}
          textAnchor={at === 0 ? 'start' : 'end'}
          className="fill-soft text-2xs tabular"
        >
          {timeOf.format(ms)}
        </text>
      ))}
      {steps.map(({ atMs, from, to, reason }) => (
        <Tooltip key={atMs} text={`${timeOf.format(atMs)}\n${from} → ${to}\n${reason}`}>
          <circle cx={x(atMs)} cy={y(to)} r={4} className="fill-accent stroke-surface" strokeWidth={1.5} />
        </Tooltip>
      ))}
    </svg>
  )
}

const timeOf = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'short', timeStyle: 'medium' })
