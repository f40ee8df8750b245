/** The texts of the charts of traffic. */
import type { TrafficSpan } from '@skerry/contract/traffic/traffic'
import { durationText } from '../../components/charts/amounts.ts'
import { count, number } from '../../texts/count.ts'

const spans: Readonly<Record<TrafficSpan, string>> = { day: 'Last day', week: 'Last week', year: 'Last year' }

/** Three digits: percentiles come from counts in buckets. */
const figure = (value: number) => String(Number(value.toPrecision(3)))

/** A small share keeps its digits. */
const percent = (share: number) => `${figure(share * 100)} %`

export const trafficTexts = {
  title: 'Requests, errors and latency over time',
  span: 'Time',
  spans,
  model: 'Model',
  none: 'No device has reported requests in this time. The hub adds up the requests of devices every few minutes.',
  panels: { rate: 'Requests a second', errors: 'Errors, share of requests', latency: 'Latency' },
  keys: { p50: 'p50', p95: 'p95', rollout: 'rollout', open: 'devices still report', gap: 'no reports' },
  rate: figure,
  percent,
  fleetHint:
    'All devices together: the sum of their requests, and the percentiles of all answered requests, within 9.1 % of the truth. Days are those of UTC.',
  deviceHint: 'This device alone. Percentiles are within 9.1 % of the truth. Days are those of UTC.',
  slowest: (p95Us: number) => `has the highest p95 of its own in the newest time with answers: ${durationText(p95Us)}`,
  said: (points: number, requests: number, failures: number, rollouts: number) =>
    `Requests, errors and latency at ${count(points, 'time')}: ${count(requests, 'request')}, ${count(failures, 'error')}, ${count(rollouts, 'rollout')}. The table below has the same data.`,
  point: ({ time, requests, rate, failures, share, dropped, p50Us, p95Us }: PointText) =>
    [
      time,
      `${count(requests, 'request')}, ${figure(rate)} a second`,
      `${count(failures, 'error')}${failures > 0 ? `, ${percent(share)}` : ''}`,
      ...(dropped > 0 ? [`${number.format(dropped)} rejected, because a queue was full`] : []),
      ...(p50Us === undefined ? [] : [`p50 ${durationText(p50Us)}, p95 ${durationText(p95Us)}`]),
    ].join('\n'),
  mark: (deployment: string, version: number) => `${deployment} began to roll out version ${version}`,
  versions: 'Requests by version',
  versionColumns: { version: 'Version', requests: 'Requests', errors: 'Errors', p50: 'p50', p95: 'p95' },
  table: 'As a table',
  columns: { at: 'From', requests: 'Requests', rate: 'A second', errors: 'Errors', p50: 'p50', p95: 'p95' },
}

type PointText = {
  time: string
  requests: number
  rate: number
  failures: number
  share: number
  dropped: number
  p50Us: number | undefined
  p95Us: number | undefined
}
