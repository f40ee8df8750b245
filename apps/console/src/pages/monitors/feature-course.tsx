/** Feature course: the stability index of a feature over a chosen time, with the rollouts of the model. */
import type { Monitor, StabilitySeries } from '@skerry/contract/monitors/monitor'
import { shortNumber } from '../../components/charts/short-number.ts'
import { CourseLine } from './course-line.tsx'
import { monitorsTexts as words } from './english-monitors.ts'

export type Span = keyof typeof words.spans

const DAY_MS = 86_400_000
export const SPANS_MS: Readonly<Record<Span, number>> = { day: DAY_MS, month: 30 * DAY_MS, year: 365 * DAY_MS }
export const SPANS: readonly Span[] = ['day', 'month', 'year']

/** Three digits: the figures come from counts in bins. */
export const stabilityText = (value: number | undefined) =>
  value === undefined ? '–' : shortNumber(Number(value.toPrecision(3)))

type CourseProps = { feature: string; series: StabilitySeries; limits: Monitor['spec']['drift']; span: Span }

export function Course({ feature, series, limits, span }: CourseProps) {
  const at = series.features.indexOf(feature)
  const points = series.points.flatMap(({ startMs, stability }) => {
    const value = stability[at]
    return typeof value === 'number' ? [{ atMs: startMs, value }] : []
  })
  const largest = points.reduce((most, { value }) => Math.max(most, value), 0)
  const { rollouts = [] } = series
  const label = words.timeSaid(feature, words.spans[span], points.length, stabilityText(largest), rollouts.length)
  return <CourseLine points={points} marks={rollouts} limits={limits} label={label} spanMs={SPANS_MS[span]} />
}
