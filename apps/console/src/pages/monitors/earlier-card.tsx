/** Earlier card: the courses of the features of a version that no device serves now. They belong to that version alone. */
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { sourceIn } from '@skerry/contract/monitors/subject'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { Select } from '../../components/fields.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { monitorsTexts as words } from './english-monitors.ts'
import { Course, SPANS, SPANS_MS, type Span } from './feature-course.tsx'
import { monitorQueries } from './monitor-queries.ts'

export function EarlierCard({ monitor: { spec, earlier = [] } }: { monitor: Monitor }) {
  const [chosen, choose] = useState<number>()
  const [span, setSpan] = useState<Span>('month')
  const version = earlier.find((each) => each === chosen) ?? earlier[0]
  if (version === undefined) return null
  const title = sourceIn(spec.model) === undefined ? words.version : words.reference
  return (
    <Card
      title={words.earlier}
      isFlush
      aside={
        <span className="grid gap-2 sm:grid-flow-col">
          <Select
            aria-label={words.earlierChoice}
            value={version}
            onChange={({ target }) => choose(Number(target.value))}
          >
            {earlier.map((each) => (
              <option key={each} value={each}>
                {title(each)}
              </option>
            ))}
          </Select>
          <Select
            aria-label={`${words.earlier}: ${words.span}`}
            value={span}
            onChange={({ target }) => setSpan(target.value as Span)}
          >
            {SPANS.map((each) => (
              <option key={each} value={each}>
                {words.spans[each]}
              </option>
            ))}
          </Select>
        </span>
      }
    >
      <Courses spec={spec} version={version} span={span} />
      <p className="border-t border-line px-4 py-2.5 text-xs text-soft">{words.earlierHint}</p>
    </Card>
  )
}

type CoursesProps = { spec: Monitor['spec']; version: number; span: Span }

function Courses({ spec, version, span }: CoursesProps) {
  const { data, error, refetch } = useQuery(monitorQueries.series(spec.model, version, SPANS_MS[span]))
  if (error) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading rows={4} />
  if (data.points.length === 0) return <p className="p-4 text-sm text-soft">{words.earlierNone}</p>
  return (
    <PlainTable
      label={words.earlier}
      headers={[words.featureColumns.feature, words.spans[span]]}
      rows={data.features.map((feature) => ({
        key: feature,
        cells: [
          <span key="feature" className="font-mono text-xs">
            {feature}
          </span>,
          <span key="time" className="flex justify-end">
            <Course feature={feature} series={data} limits={spec.drift} span={span} />
          </span>,
        ],
      }))}
    />
  )
}
