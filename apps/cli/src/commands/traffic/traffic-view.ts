/** Traffic view: a line for each period with its rate, errors and latency, and the sums of each version. */
import type { TrafficPoint, TrafficSeries, VersionTraffic } from '@skerry/contract/traffic/traffic'
import { requestRate } from '@skerry/core/traffic/points'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export function trafficText({ model, points, versions, rollouts }: TrafficSeries, style: Style, nowMs: number): string {
  if (points.length === 0)
    return `No device has reported requests to ${model} in this time. The hub adds them up every few minutes.`
  const hasSlowest = points.some(({ slowest }) => slowest !== undefined)
  const periods = tableOf(
    style,
    ['FROM', 'REQUESTS', 'A SECOND', 'ERRORS', 'SHARE', 'DROPPED', 'P50', 'P95', ...(hasSlowest ? ['SLOWEST'] : [])],
    points.map((point) => [
      `${instantText(point.startMs)}${point.isOpen ? ' +' : ''}`,
      point.requests,
      figure(requestRate(point, nowMs)),
      ...figuresOf(point),
      ...(hasSlowest ? [slowestText(point)] : []),
    ]),
    '',
  )
  const sums = tableOf(
    style,
    ['VERSION', 'REQUESTS', 'ERRORS', 'SHARE', 'DROPPED', 'P50', 'P95'],
    versions.map((one) => [one.version, one.requests, ...figuresOf(one)]),
    '',
  )
  const marks = rollouts.map(
    ({ atMs, deployment, version }) => `${instantText(atMs)}: ${deployment} began to roll out version ${version}`,
  )
  return [periods, sums, ...(marks.length > 0 ? [marks.toReversed().join('\n')] : [])].join('\n\n')
}

const figuresOf = ({ requests, failures, dropped, p50Us, p95Us }: Omit<VersionTraffic, 'version'>) => [
  failures,
  requests === 0 ? '' : `${figure((failures / requests) * 100)} %`,
  dropped,
  latencyText(p50Us),
  latencyText(p95Us),
]

const slowestText = ({ slowest }: TrafficPoint) => (slowest ? `${slowest.device} ${latencyText(slowest.p95Us)}` : '')

function latencyText(us: number | undefined): string {
  if (us === undefined) return ''
  if (us < 1_000) return `${figure(us)} µs`
  return us < 1_000_000 ? `${figure(us / 1_000)} ms` : `${figure(us / 1_000_000)} s`
}

/** Three digits: percentiles come from counts in buckets. */
const figure = (value: number) => String(Number(value.toPrecision(3)))
