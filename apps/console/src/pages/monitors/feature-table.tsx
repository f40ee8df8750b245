/** Feature table: each feature of a version with its state, its course over time, and its distribution. */
import type { FeatureVerdict, Monitor, VersionVerdict } from '@skerry/contract/monitors/monitor'
import { telling } from '@skerry/core/monitors/together'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Select } from '../../components/fields.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { BinBars } from './bin-bars.tsx'
import { monitorsTexts as words } from './english-monitors.ts'
import { Course, SPANS, SPANS_MS, type Span, stabilityText } from './feature-course.tsx'
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
                label={words.binsSaid(each.feature, stabilityText(each.stability))}
              />
            ),
            series && <Course key="time" feature={each.feature} series={series} limits={spec.drift} span={span} />,
            <span key="stability" className="tabular">
              {stabilityText(each.stability)}
            </span>,
            <span key="mean" className="whitespace-nowrap">
              {stabilityText(each.mean)} <span className="text-soft">({stabilityText(each.referenceMean)})</span>
            </span>,
          ],
        }))}
      />
    </>
  )
}

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

const State = ({ verdict: { state, findings } }: { verdict: FeatureVerdict }) => (
  <span className="inline-flex flex-wrap items-center gap-x-2">
    <MonitorBadge state={state} isPlain />
    {findings.some((finding) => finding !== 'drift') && (
      <span className="text-xs text-soft">{findings.map((finding) => words.findings[finding]).join(', ')}</span>
    )}
  </span>
)
