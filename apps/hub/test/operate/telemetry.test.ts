/**
 * Values of devices: each is stored exactly once, read by signal and time, removed by age and number, and visible only
 * to its organisation.
 */

import type { TelemetrySeries, TelemetrySignal } from '@skerry/contract/hub/telemetry'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweepTelemetry } from '../../src/telemetry/telemetry-sweep.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const BASE_MS = 1_700_000_000_000

const valuesOf = (first: number, count: number, signal = 'press-7/speed'): SinkValue[] =>
  Array.from({ length: count }, (_, index) => ({
    signal,
    quality: 'good',
    value: first + index,
    unit: 'bar',
    eventTimeMs: BASE_MS + (first + index) * 1_000,
  }))

const batchOf = (first: number, values: SinkValue[], stream = '00112233445566aa') => ({
  stream,
  lane: 'normal' as const,
  first,
  values,
})

async function seriesOf(device: string, query: string) {
  return (await hub.ask<TelemetrySeries>('GET', `/v1/devices/${device}/telemetry/series?${query}`)).body
}

const range = `signal=press-7/speed&fromMs=${BASE_MS}&toMs=${BASE_MS + 100_000}`

test('a value that arrives twice, in any pages, is stored once, and missing numbers are counted', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  expect(await link.client.telemetry(batchOf(1, valuesOf(1, 10)))).toEqual({ last: 10 })
  expect(await link.client.telemetry(batchOf(1, valuesOf(1, 10)))).toEqual({ last: 10 })
  expect(await link.client.telemetry(batchOf(6, valuesOf(6, 10)))).toEqual({ last: 15 })
  await Promise.all([16, 18, 20].map((first) => link.client.telemetry(batchOf(first, valuesOf(first, 6)))))
  expect(await link.client.telemetry(batchOf(31, valuesOf(31, 10)))).toEqual({ last: 40 })
  const series = await seriesOf(device.name, `${range}&buckets=1`)
  expect(series.buckets).toEqual([{ atMs: BASE_MS, count: 35, bad: 0, min: 1, max: 40, mean: expect.any(Number) }])
  const [place] = await hub.hub.store.db
    .selectFrom('telemetry_streams')
    .selectAll()
    .where('device_id', '=', device.id)
    .execute()
  expect(place).toMatchObject({ last: 40, lost: 5 })
})

test('a signal is shown in buckets, bad values are counted without a number, and text and booleans are kept', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  const values: SinkValue[] = [
    ...valuesOf(0, 4),
    { signal: 'press-7/speed', quality: 'bad', cause: 'source_lost', eventTimeMs: BASE_MS + 50_000 },
    { signal: 'press-7/label', quality: 'uncertain', value: 'A\0B', cause: 'value_clamped', eventTimeMs: BASE_MS },
    { signal: 'press-7/on', quality: 'good', value: true, eventTimeMs: BASE_MS, source: 'press-7', tag: 'on' },
  ]
  await link.client.telemetry(batchOf(1, values))
  expect(await seriesOf(device.name, `${range}&buckets=50`)).toEqual({
    signal: 'press-7/speed',
    fromMs: BASE_MS,
    toMs: BASE_MS + 100_000,
    bucketMs: 2_000,
    isCut: false,
    buckets: [
      { atMs: BASE_MS, count: 2, bad: 0, min: 0, mean: 0.5, max: 1 },
      { atMs: BASE_MS + 2_000, count: 2, bad: 0, min: 2, mean: 2.5, max: 3 },
      { atMs: BASE_MS + 50_000, count: 1, bad: 1 },
    ],
  })
  const path = `/v1/devices/${device.name}/telemetry`
  const first = (await hub.ask<{ rows: TelemetrySignal[]; next?: string }>('GET', `${path}?limit=2`)).body
  expect(first.rows).toEqual([
    {
      signal: 'press-7/label',
      values: 1,
      newestAtMs: BASE_MS,
      newestQuality: 'uncertain',
      newestText: 'A\u{fffd}B',
    },
    {
      signal: 'press-7/on',
      source: 'press-7',
      tag: 'on',
      values: 1,
      newestAtMs: BASE_MS,
      newestQuality: 'good',
      newestNumber: 1,
    },
  ])
  const second = (await hub.ask<{ rows: TelemetrySignal[] }>('GET', `${path}?limit=2&after=${first.next}`)).body
  expect(second.rows).toMatchObject([{ signal: 'press-7/speed', values: 5, newestQuality: 'bad' }])
})

test('late values count, and the newest value stays the newest', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.telemetry(batchOf(1, valuesOf(20, 5)))
  await link.client.telemetry({ ...batchOf(1, valuesOf(3, 4)), lane: 'normal-late' })
  const { rows } = (await hub.ask<{ rows: TelemetrySignal[] }>('GET', `/v1/devices/${device.name}/telemetry`)).body
  expect(rows).toMatchObject([{ values: 9, newestAtMs: BASE_MS + 24_000, newestNumber: 24 }])
})

test('an invalid range and an unknown device are rejected, and each device has only its own values', async () => {
  const device = await joinDevice(hub)
  const other = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.telemetry(batchOf(1, valuesOf(1, 3)))
  expect((await seriesOf(other.name, range)).buckets).toEqual([])
  const path = `/v1/devices/${device.name}/telemetry/series`
  const backwards = `signal=a&fromMs=${BASE_MS}&toMs=${BASE_MS - 1}`
  expect((await hub.ask('GET', `${path}?${backwards}`)).body).toMatchObject({ code: 'input_invalid' })
  expect((await hub.ask('GET', '/v1/devices/nobody/telemetry')).body).toMatchObject({ code: 'device_unknown' })
})

test('the oldest hours are deleted by age, and if an organisation exceeds its quota', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.telemetry(batchOf(1, valuesOf(1, 5)))
  const count = async () => {
    const rows = await hub.hub.store.db
      .selectFrom('telemetry')
      .select('sequence')
      .where('device_id', '=', device.id)
      .execute()
    return rows.length
  }
  expect(await sweepTelemetry(hub.hub)).toBe(0)
  expect(await count()).toBe(5)
  const limits = { valuesMax: 20_000_000, ageMaxMs: -2 * 3_600_000 }
  expect(await sweepTelemetry(hub.hub, limits)).toBeGreaterThanOrEqual(5)
  expect(await count()).toBe(0)
  await link.client.telemetry(batchOf(6, valuesOf(6, 5)))
  await sweepTelemetry(hub.hub, { valuesMax: 4, ageMaxMs: 3_600_000 })
  expect(await count()).toBe(0)
  // Removed values are not stored again.
  expect(await link.client.telemetry(batchOf(6, valuesOf(6, 5)))).toEqual({ last: 10 })
  expect(await count()).toBe(0)
})
