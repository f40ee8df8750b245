import { allRows } from '@skerry/client/page'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { TELEMETRY_BUCKETS_MAX, type TelemetrySeries, type TelemetrySignal } from '@skerry/contract/hub/telemetry'
import { SignalPath } from '@skerry/contract/sinks/sink-value'
import { parseDuration } from '@skerry/core/values/duration'
import { command, fits, optional, required, usually } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText, instantText } from '../../program/terminal/words.ts'

export const showTelemetry = command({
  name: 'telemetry',
  summary: 'Show the values that a device has sent to the hub: all its signals, or one signal over time',
  examples: ['skerry telemetry gateway-1', 'skerry telemetry gateway-1 press-7/speed --since 6h --buckets 24'],
  arguments: {
    device: required('<device>', 'name or id of the device', fits(DeviceReference)),
    signal: optional('[signal]', 'one of its signals', fits(SignalPath)),
  },
  options: {
    since: usually('--since <duration>', '1h', 'how far to look back', parseSince),
    buckets: usually('--buckets <count>', '20', 'number of parts of the time', parseBuckets),
  },
  async run({ device, signal, since, buckets }, session) {
    const { client } = await session.hub()
    const { signal: stop } = session
    const toMs = session.io.nowMs()
    if (signal === undefined) {
      const signals = await allRows((page) => client.telemetry.signals({ ...page, device }, { signal: stop }))
      session.print({ json: signals, text: () => signalsText(session.style, signals, toMs) })
      return
    }
    const asked = { device, signal, fromMs: Math.max(0, toMs - since), toMs, buckets }
    const series = await client.telemetry.query(asked, { signal: stop })
    const others =
      series.buckets.length > 0
        ? []
        : await allRows((page) => client.telemetry.signals({ ...page, device }, { signal: stop }))
    const none = noneText(
      signal,
      others.map((each) => each.signal),
    )
    session.print({ json: series, text: () => seriesText(session.style, series, none) })
  },
})

const signalsText = (style: Style, signals: readonly TelemetrySignal[], nowMs: number) =>
  tableOf(
    style,
    ['SIGNAL', 'NEWEST', 'UNIT', 'QUALITY', 'AT', 'VALUES', 'SOURCE', 'TAG'],
    signals.map(({ signal, newestNumber, newestText, unit, newestQuality, newestAtMs, values, source, tag }) => [
      signal,
      newestNumber ?? newestText,
      unit,
      newestQuality,
      agoText(newestAtMs, nowMs),
      values,
      source,
      tag,
    ]),
    'the device has sent no values',
  )

/** A person who gives only the last part of a name is told the whole names. */
function noneText(signal: string, names: readonly string[]): string {
  if (names.includes(signal)) return 'no values in this time'
  const near = names.filter((name) => name.endsWith(`/${signal}`))
  const known = near.length > 0 ? `; did you mean ${near.slice(0, 3).join(' or ')}?` : ''
  return `the device has sent no values of ${signal}${known}`
}

const seriesText = (style: Style, { buckets, isCut }: TelemetrySeries, none: string) =>
  [
    tableOf(
      style,
      ['FROM', 'VALUES', 'BAD', 'MIN', 'MEAN', 'MAX'],
      buckets.map(({ atMs, count, bad, min, mean, max }) => [
        instantText(atMs),
        count,
        bad,
        ...[min, mean, max].map(short),
      ]),
      none,
    ),
    ...(isCut ? ['there are too many values for one request; choose a shorter time'] : []),
  ].join('\n')

/** Six digits are more than sensors have. */
const short = (number: number | undefined) => (number === undefined ? undefined : Number(number.toPrecision(6)))

function parseSince(text: string): number {
  const seconds = parseDuration(text)
  if (seconds === undefined || seconds <= 0) throw new Error('must be a duration such as 15m, 6h or 7d')
  return seconds * 1_000
}

function parseBuckets(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= TELEMETRY_BUCKETS_MAX) return count
  throw new Error(`must be a whole number from 1 to ${TELEMETRY_BUCKETS_MAX}`)
}
