/** Performance chart: a line for each version, over the days that have labels. A day with labels is a dot. */
import type { ModelPerformance, PerformancePeriod } from '@skerry/contract/captures/performance'
import { numberTicks, timeTicks } from '../../components/charts/series-scale.ts'
import { useWidth } from '../../components/charts/use-width.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { count } from '../../texts/count.ts'
import { timeLocale } from '../../texts/language.ts'
import { capturesTexts } from './english-captures.ts'
import { figureText, shareText } from './share-text.ts'

const words = capturesTexts.performance

const HEIGHT = 180
const EDGE = { left: 48, right: 12, top: 10, bottom: 24 }
const TICK_PX = 90

/** The newest version has the colour of the accent. Older ones are told apart by their dashes. */
const DASHES = [undefined, '5 4', '2 3']

type Drawn = { period: PerformancePeriod; value: number; isEstimate: boolean }

/** As wide as its place. */
export function PerformanceChart({ performance }: { performance: ModelPerformance }) {
  const [box, width] = useWidth()
  const shown = performance.versions.slice(0, DASHES.length)
  return (
    <div ref={box} className="min-w-0">
      {width > 0 && <Drawing performance={performance} width={width} />}
      {shown.length > 1 && (
        <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
          {shown.map(({ version }, index) => (
            <li key={version} className="inline-flex items-center gap-1.5">
              <svg aria-hidden width={20} height={4}>
                <line x1={0} x2={20} y1={2} y2={2} strokeWidth={2} {...lookOf(index)} />
              </svg>
              {words.version(version)}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

const lookOf = (index: number) => ({
  className: index === 0 ? 'stroke-accent' : 'stroke-idle',
  ...(DASHES[index] !== undefined && { strokeDasharray: DASHES[index] }),
})

const drawnOf = (period: PerformancePeriod, value: number | undefined, isEstimate: boolean): Drawn[] =>
  value === undefined ? [] : [{ period, value, isEstimate }]

function Drawing({ performance, width }: { performance: ModelPerformance; width: number }) {
  const { task, periods, versions, fromMs, toMs } = performance
  const isShare = task === 'classification'
  const drawn = periods.flatMap((period): Drawn[] => [
    ...drawnOf(period, isShare ? period.accuracy : period.mae, false),
    ...drawnOf(period, isShare ? period.estimated?.accuracy : period.estimatedError?.mae, true),
  ])
  if (drawn.length === 0) return null
  const values = drawn.map(({ value }) => value)
  const high = isShare ? 1 : Math.max(...values) * 1.1 || 1
  const right = width - EDGE.right
  const bottom = HEIGHT - EDGE.bottom
  const x = (ms: number) => EDGE.left + ((ms - fromMs) / (toMs - fromMs)) * (right - EDGE.left)
  const y = (value: number) => bottom - (value / high) * (bottom - EDGE.top)
  const middle = ({ period }: Drawn) =>
    Math.min(right, Math.max(EDGE.left, x((period.fromMs + Math.min(period.toMs, toMs)) / 2)))
  const text = isShare ? shareText : figureText
  const said = isShare ? words.accuracySaid : words.errorSaid
  const { ticks, stepMs } = timeTicks(
    { fromMs, toMs },
    Math.max(2, Math.floor(width / TICK_PX)),
    -new Date(toMs).getTimezoneOffset() * 60_000,
  )
  return (
    <svg
      role="img"
      aria-label={said(drawn.length, text(Math.min(...values)), text(Math.max(...values)))}
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
          {(stepMs >= 86_400_000 ? day : minute).format(tick)}
        </text>
      ))}
      {versions
        .slice(0, DASHES.length)
        .map(({ version }, index) =>
          [true, false].map((isEstimate) => (
            <Run
              key={`${version} ${isEstimate}`}
              run={drawn.filter((each) => each.period.version === version && each.isEstimate === isEstimate)}
              index={index}
              at={{ x: middle, y }}
              text={text}
            />
          )),
        )}
    </svg>
  )
}

type RunProps = {
  run: readonly Drawn[]
  index: number
  at: { x: (drawn: Drawn) => number; y: (value: number) => number }
  text: (value: number) => string
}

/** Estimates are rings on a thin line; figures from labels are dots. */
function Run({ run, index, at: { x, y }, text }: RunProps) {
  const line = run.map((each) => `${x(each).toFixed(1)} ${y(each.value).toFixed(1)}`).join(' L ')
  return (
    <g>
      {run.length > 1 && (
        <path d={`M ${line}`} fill="none" strokeWidth={run[0]?.isEstimate ? 1 : 1.75} {...lookOf(index)} />
      )}
      {run.map((each) => (
        <Tooltip key={each.period.fromMs} text={pointText(each, text)}>
          <circle cx={x(each)} cy={y(each.value)} r={3.5} strokeWidth={1.5} className={dotLook(index, each)} />
        </Tooltip>
      ))}
    </g>
  )
}

function dotLook(index: number, { isEstimate }: Drawn): string {
  if (isEstimate) return index === 0 ? 'fill-surface stroke-accent' : 'fill-surface stroke-idle'
  return index === 0 ? 'fill-accent' : 'fill-idle'
}

function pointText({ period, value, isEstimate }: Drawn, text: (value: number) => string): string {
  const { version, fromMs, labels, estimated = period.estimatedError } = period
  const rows = isEstimate ? count(estimated?.rows ?? 0, 'row') : count(labels, 'label')
  const title = isEstimate ? words.estimate(version) : words.version(version)
  return `${title}\n${day.format(fromMs)}: ${text(value)}\n${rows}`
}

const day = new Intl.DateTimeFormat(timeLocale, { day: 'numeric', month: 'short' })
const minute = new Intl.DateTimeFormat(timeLocale, { hour: '2-digit', minute: '2-digit' })
