/** Feature table: each feature of a version with its state, its course over time, and its distribution. */
import type { FeatureVerdict, Monitor, StabilitySeries, VersionVerdict } from '@skerry/contract/monitors/monitor'
import { telling } from '@skerry/core/monitors/together'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { shortNumber } from '../../components/charts/short-number.ts'
import { Select } from '../../components/fields.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { BinBars } from './bin-bars.tsx'
import { CourseLine } from './course-line.tsx'
import { monitorsTexts as words } from './english-monitors.ts'
import { MonitorBadge } from './monitor-badge.tsx'
import { monitorQueries } from './monitor-queries.ts'

type FeatureTableProps = { monitor: Monitor; verdict: VersionVerdict }

export function FeatureTable({ monitor: { spec }, verdict: { version, features } }: FeatureTableProps) {
  const [span, setSpan] = useState<Span>('day')
  const { data: series } = useQuery(monitorQueries.series(spec.model, version, SPANS_MS[span]))
  const { feature, state, bins, stability, mean } = words.featureColumns
  const ranking = series?.withPerformance
  return (
    <>
      {ranking && (
        <p className="border-b border-line px-4 py-2.5 text-sm text-soft">
          {words.ranking(ranking.by, telling(ranking.features, spec.significance).slice(0, RANKED_SHOWN))}
        </p>
      )}
      <div className="flex justify-end border-b border-line px-4 py-2">
        <Select aria-label={words.span} value={span} onChange={({ target }) => setSpan(target.value as Span)}>
          {SPANS.map((each) => (
            <option key={each} value={each}>
              {words.spans[each]}
            </option>
          ))}
        </Select>
      </div>
      <PlainTable
        label={words.features}
        headers={[feature, state, bins, words.spans[span], stability, mean]}
        rows={features.map((each) => ({
          key: each.feature,
          cells: [
            <Name key="feature" verdict={each} />,
            <State key="state" verdict={each} />,
            each.bins && (
              <BinBars
                key="bins"
                bins={each.bins}
                state={each.state}
                label={words.binsSaid(each.feature, textOf(each.stability))}
              />
            ),
            series && <Course key="time" feature={each.feature} series={series} limits={spec.drift} span={span} />,
            <span key="stability" className="tabular">
              {textOf(each.stability)}
            </span>,
            <span key="mean" className="whitespace-nowrap">
              {textOf(each.mean)} <span className="text-soft">({textOf(each.referenceMean)})</span>
            </span>,
          ],
        }))}
      />
    </>
  )
}

type Span = keyof typeof words.spans

const DAY_MS = 86_400_000
const SPANS_MS: Readonly<Record<Span, number>> = { day: DAY_MS, month: 30 * DAY_MS, year: 365 * DAY_MS }
const SPANS: readonly Span[] = ['day', 'month', 'year']

/** More features are no place to look first. */
const RANKED_SHOWN = 5

/** Outputs and categories have a word: an output moves for other reasons than an input. */
function Name({ verdict: { feature, side, form } }: { verdict: FeatureVerdict }) {
  const kinds = [...(side === 'output' ? [words.output] : []), ...(form === 'category' ? [words.category] : [])]
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-2">
      <span className="font-mono text-xs">{feature}</span>
      {kinds.length > 0 && <span className="text-xs text-soft">{kinds.join(', ')}</span>}
    </span>
  )
}

/** Three digits: the figures come from counts in bins. */
const textOf = (value: number | undefined) => (value === undefined ? '–' : shortNumber(Number(value.toPrecision(3))))

const State = ({ verdict: { state, findings } }: { verdict: FeatureVerdict }) => (
  <span className="inline-flex flex-wrap items-center gap-x-2">
    <MonitorBadge state={state} isPlain />
    {findings.some((finding) => finding !== 'drift') && (
      <span className="text-xs text-soft">{findings.map((finding) => words.findings[finding]).join(', ')}</span>
    )}
  </span>
)

type CourseProps = { feature: string; series: StabilitySeries; limits: Monitor['spec']['drift']; span: Span }

function Course({ feature, series, limits, span }: CourseProps) {
  const at = series.features.indexOf(feature)
  const points = series.points.flatMap(({ startMs, stability }) => {
    const value = stability[at]
    return typeof value === 'number' ? [{ atMs: startMs, value }] : []
  })
  const largest = points.reduce((most, { value }) => Math.max(most, value), 0)
  const { rollouts = [] } = series
  const label = words.timeSaid(feature, words.spans[span], points.length, textOf(largest), rollouts.length)
  return <CourseLine points={points} marks={rollouts} limits={limits} label={label} spanMs={SPANS_MS[span]} />
}
