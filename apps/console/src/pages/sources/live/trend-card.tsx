/** Trend card: the last minutes of some tags, one line each, and vectors as bars. No flow is necessary for it. */
import { useEffect, useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { shortNumber } from '../../../components/charts/short-number.ts'
import { useWidth } from '../../../components/charts/use-width.ts'
import { cn } from '../../../components/class-names.ts'
import { liveSourceTexts } from './english-live-source.ts'
import { contentText, type HeardValues, type LiveRow } from './live-rows.ts'
import { TREND_MS, type TrendPoint, type Trends, trendBounds, trendLines, trendsAfter, vectorOf } from './trend.ts'

const words = liveSourceTexts.trend

/** The tags that are drawn at first, and the most that are drawn at once: each needs some height. */
const FIRST = 3
const DRAWN_MAX = 6
/** A longer list of buttons is no choice. A person filters for other tags. */
const OFFERED_MAX = 16

const LINE_PX = 44

type TrendProps = { rows: readonly LiveRow[]; known: ReadonlyMap<string, HeardValues> }

export function TrendCard({ rows, known }: TrendProps) {
  const [trends, setTrends] = useState<Trends>(new Map())
  useEffect(() => setTrends((before) => trendsAfter(before, known, Date.now())), [known])
  const offered = rows.filter(({ name, heard }) => trends.has(name) || vectorOf(heard)).slice(0, OFFERED_MAX)
  const [chosen, setChosen] = useState<readonly string[]>()
  const names = chosen ?? offered.slice(0, FIRST).map(({ name }) => name)
  const drawn = rows.filter(({ name }) => names.includes(name))
  if (offered.length === 0) return null
  const toggle = (name: string) =>
    setChosen(names.includes(name) ? names.filter((each) => each !== name) : [...names, name].slice(-DRAWN_MAX))
  return (
    <Card title={words.title} aside={<span className="text-xs text-soft">{words.span}</span>}>
      <div className="flex flex-col gap-3">
        <fieldset aria-label={words.choose} className="flex flex-wrap gap-1.5">
          {offered.map(({ name }) => (
            <button
              key={name}
              type="button"
              aria-pressed={names.includes(name)}
              onClick={() => toggle(name)}
              className={cn(
                'h-6 max-w-48 truncate rounded-full border px-2 font-mono text-2xs',
                names.includes(name) ? 'border-accent text-accent' : 'border-line text-soft hover:text-text',
              )}
            >
              {name}
            </button>
          ))}
        </fieldset>
        {drawn.map((row) => (
          <TagTrend key={row.name} row={row} points={trends.get(row.name) ?? []} />
        ))}
        <p aria-hidden className="flex justify-between text-2xs text-soft sm:ml-48">
          <span>{words.minutes(TREND_MS / 60_000)}</span>
          <span>{words.now}</span>
        </p>
      </div>
    </Card>
  )
}

function TagTrend({ row, points }: { row: LiveRow; points: readonly TrendPoint[] }) {
  const { name, heard, unit: written } = row
  const [box, width] = useWidth()
  const vector = vectorOf(heard)
  const unit = heard?.reading.unit ?? written
  const value = heard?.reading.value
  const bounds = trendBounds(points)
  const content = value && value.quality !== 'bad' ? value.value : undefined
  const newest = content === undefined ? words.bad : contentText(content)
  return (
    <div className="grid items-center gap-x-4 gap-y-1 sm:grid-cols-[11rem_minmax(0,1fr)]">
      <div className="min-w-0 text-xs">
        <p className="truncate font-mono font-medium">{name}</p>
        <p className="truncate text-soft tabular">{`${newest}${unit === undefined ? '' : ` ${unit}`}`}</p>
        {bounds && !vector && (
          <p className="truncate text-2xs text-soft tabular">{boundsText(bounds, typeof content === 'boolean')}</p>
        )}
      </div>
      <div ref={box} className="min-w-0 border-b border-line">
        {width > 0 && (
          <svg
            role="img"
            aria-label={vector ? words.vectorOf(name, vector.length) : words.trendOf(name, points.length)}
            width={width}
            height={LINE_PX}
            className="block"
          >
            {vector ? <Bars values={vector} width={width} /> : <Lines points={points} width={width} />}
          </svg>
        )}
      </div>
    </div>
  )
}

/** A switch has words for its numbers. */
function boundsText({ low, high }: { low: number; high: number }, isSwitch: boolean): string {
  const text = (bound: number) => (isSwitch ? String(bound === 1) : shortNumber(bound))
  return low === high ? words.constant(text(low)) : words.bounds(text(low), text(high))
}

const EDGE_PX = 3

function Lines({ points, width }: { points: readonly TrendPoint[]; width: number }) {
  const lines = trendLines(points, { width: width - EDGE_PX, height: LINE_PX - 2 * EDGE_PX, nowMs: Date.now() })
  return (
    <g transform={`translate(0 ${EDGE_PX})`} className="fill-none stroke-accent" strokeWidth={1.5}>
      {lines.map((line) => (
        // A single point is drawn as a short dash.
        <polyline key={line.split(' ')[0]} points={line} strokeLinecap="round" strokeLinejoin="round" />
      ))}
    </g>
  )
}

/** The elements in their order. A negative one hangs below the zero line. */
function Bars({ values, width }: { values: readonly number[]; width: number }) {
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  const span = high - low || 1
  const y = (value: number) => ((high - value) / span) * LINE_PX
  const step = width / values.length
  const wide = Math.max(1, step - Math.min(2, step / 4))
  const bars = values.map((value, index) => {
    const height = Math.max(1, Math.abs(y(value) - y(0)))
    return `M${(index * step).toFixed(1)} ${Math.min(y(value), y(0)).toFixed(1)}h${wide.toFixed(1)}v${height.toFixed(1)}h${(-wide).toFixed(1)}z`
  })
  return <path d={bars.join('')} className="fill-accent" />
}
