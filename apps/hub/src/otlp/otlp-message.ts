/**
 * OTLP message: the hub's metrics as an ExportMetricsServiceRequest in JSON [OpenTelemetry protocol 1.3, metrics.proto]. Whole
 * numbers of 64 bits are text there, and sums and histograms count since a start time.
 */
import type { MetricObjectWithValues, MetricValue } from 'prom-client'

export type OtlpSource = { name: string; version: string; instance: string; startMs: number }

/** A metric as the registry has it. Values of histograms have a name such as `x_bucket`. */
export type CountedMetric = MetricObjectWithValues<MetricValue<string> & { metricName?: string }>

/** The body of one request, with all metrics as they are at the time. */
export function otlpMessage(metrics: readonly CountedMetric[], source: OtlpSource, nowMs: number) {
  const times = { startTimeUnixNano: nanoText(source.startMs), timeUnixNano: nanoText(nowMs) }
  const attributes = attributesOf({
    'service.name': source.name,
    'service.version': source.version,
    'service.instance.id': source.instance,
  })
  const scope = { name: 'skerry', version: source.version }
  const messages = metrics.flatMap((metric) => messageOf(metric, times))
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope, metrics: messages }] }] }
}

/** One of the three forms is set. */
type OtlpMetric = { name: string; description: string; sum?: object; histogram?: object; gauge?: object }

type Times = { startTimeUnixNano: string; timeUnixNano: string }

/** Milliseconds since 1970 have at most 14 digits, so that six zeros do not change their value. */
const nanoText = (ms: number) => `${Math.round(ms)}000000`

const attributesOf = (labels: Readonly<Record<string, string | number | undefined>>) =>
  Object.entries(labels).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: { stringValue: String(value) } }],
  )

/** [metrics.proto] AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2

function messageOf({ name, help, type, values }: CountedMetric, times: Times): OtlpMetric[] {
  const head = { name, description: help }
  const points = () =>
    values.map(({ value, labels }) => ({ attributes: attributesOf(labels), ...times, asDouble: value }))
  // prom-client declares its types as numbers, and writes them as words.
  switch (String(type)) {
    case 'counter':
      return [{ ...head, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: points() } }]
    case 'histogram':
      return [
        { ...head, histogram: { aggregationTemporality: CUMULATIVE, dataPoints: histogramPoints(values, times) } },
      ]
    case 'gauge':
      return [{ ...head, gauge: { dataPoints: points() } }]
    default:
      // Summaries have percentiles that cannot be added; the hub has none.
      return []
  }
}

/** One for each set of labels. Prometheus counts a value in each bucket above it, OTLP in one. */
function histogramPoints(values: CountedMetric['values'], times: Times) {
  const bySet = Map.groupBy(values, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels))
  return [...bySet.values()].map((of) => {
    const ended = (end: string) => of.filter(({ metricName = '' }) => metricName.endsWith(end))
    const { le: _, ...labels } = of[0]?.labels ?? {}
    const buckets = ended('_bucket').map(({ value, labels: { le } }) => ({
      value,
      le: le === '+Inf' ? Infinity : Number(le),
    }))
    const sorted = buckets.toSorted((a, b) => a.le - b.le)
    return {
      attributes: attributesOf(labels),
      ...times,
      count: String(ended('_count')[0]?.value ?? 0),
      sum: ended('_sum')[0]?.value ?? 0,
      bucketCounts: sorted.map(({ value }, at) => String(value - (sorted[at - 1]?.value ?? 0))),
      explicitBounds: sorted.map(({ le }) => le).filter(Number.isFinite),
    }
  })
}
