import type { ServingStats } from '@skerry/contract/devices/item'
import { DAY_MS, HOUR_MS } from '@skerry/core/traffic/parts'
import { axisOf, trafficPoints } from '@skerry/core/traffic/points'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { deleteDevice } from '../devices/device-store.ts'
import { createMetrics } from '../metrics.ts'
import { partIn, partsIn } from './part-store.ts'
import { sweepHistory } from './traffic-history.ts'
import { trafficRegistry } from './traffic-metrics.ts'
import { DEVICE_MODELS_MAX, sweepTraffic } from './traffic-sweep.ts'

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
  // On an hour, so that parts are those of the clock.
  fleet.clock.ms = 500 * DAY_MS + 10 * HOUR_MS
})
afterEach(() => fleet[Symbol.asyncDispose]())

const { signal } = new AbortController()
const metrics = createMetrics()
const swept = () => ({ store: fleet.store, clock: fleet.hub.clock, signal, metrics })
const sweep = () => sweepTraffic(swept())

const answered = (requests: number, failures = 0): ServingStats => ({
  requests,
  failures,
  latency: { first: 40, counts: [requests - failures] },
})

async function serve(devices: number) {
  await fleet.addDevices(devices)
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report(
    fleet.devices,
    () => 'active',
    () => answered(0),
  )
  await sweep()
}

/** All devices report after that time, and the sweep runs. */
async function later(ms: number, statsOf: (at: number) => ServingStats) {
  fleet.clock.ms += ms
  await fleet.report(
    fleet.devices,
    () => 'active',
    (device) => statsOf(fleet.devices.indexOf(device)),
  )
  return sweep()
}

const allParts = async () =>
  (await fleet.store.db.selectFrom('traffic_parts').selectAll().orderBy('start_ms').execute()).map(partIn)

const requestsOf = async (owner: 'fleet' | 'devices') =>
  (await allParts())
    .filter(({ deviceId }) => (deviceId === '') === (owner === 'fleet'))
    .reduce((sum, { counts }) => sum + counts.requests, 0)

test('the sums of all devices and of each one have every request once, with the slowest device', async () => {
  await serve(3)
  expect(await later(300_000, (at) => answered(100 * (at + 1), at))).toBe(3)
  expect([await requestsOf('fleet'), await requestsOf('devices')]).toEqual([600, 600])
  expect(await later(60_000, (at) => answered(1_000, at)), 'nothing is due within five minutes').toBe(0)
  const slow: ServingStats = { requests: 1_000, failures: 2, latency: { first: 40, counts: [908, 0, 90] } }
  await later(240_000, (at) => (at === 2 ? slow : answered(1_000, at)))
  expect([await requestsOf('fleet'), await requestsOf('devices')]).toEqual([3_000, 3_000])
  const axis = axisOf('day', 300_000, fleet.clock.ms)
  const query = { deviceId: '', organisationId: fleet.organisationId, model: 'sensor', ...axis } as const
  const points = trafficPoints(await partsIn(fleet.store.db, query), axis, fleet.clock.ms)
  expect(points.map(({ requests, failures }) => [requests, failures])).toEqual([
    [600, 3],
    [2_400, 0],
  ])
  expect(points.at(-1)?.slowest).toEqual({ device: 'device-0002', p95Us: 1_328 })
  expect(points.at(-1)?.p95Us, 'the p95 of all requests is not that of the slowest device').toBe(939)
})

test('Prometheus and OpenTelemetry get the newest five minutes that all devices have reported, and none of an idle time', async () => {
  await serve(3)
  await later(300_000, () => answered(100, 1))
  await later(300_000, () => answered(400, 1))
  fleet.clock.ms += 120_000
  const scrape = async () => (await trafficRegistry(swept(), undefined)).metrics()
  const labels = `organisation="${fleet.organisationId}",model="sensor",version="1"`
  const text = await scrape()
  expect(text).toContain(`skerry_model_requests{${labels}} 300`)
  expect(text).toContain(`skerry_model_failures{${labels}} 3`)
  expect(text).toContain(`skerry_model_latency_seconds{${labels},quantile="0.95"} 0.000939`)
  await sweep()
  expect(await metrics.led.traffic.metrics()).toBe(text)
  const others = await trafficRegistry(swept(), fleet.ids.organisation())
  expect(await others.metrics()).not.toContain('sensor')
  fleet.clock.ms += HOUR_MS
  expect(await scrape()).not.toContain('sensor')
})

test('a device that was away spreads its requests over its absence, and a restarted agent counts anew', async () => {
  await serve(1)
  await later(3 * HOUR_MS, () => answered(3_600))
  const fleetParts = (await allParts()).filter(({ deviceId }) => deviceId === '')
  expect(fleetParts.map(({ stepMs, counts }) => [stepMs, counts.requests])).toEqual([
    [HOUR_MS, 1_200],
    [HOUR_MS, 1_200],
    [HOUR_MS, 1_200],
  ])
  await later(300_000, () => answered(10))
  expect(await requestsOf('fleet')).toBe(3_610)
})

test('old parts become hours and days without the loss of a request, and the oldest end', async () => {
  await serve(2)
  for (let round = 1; round <= 30; round++) await later(300_000, () => answered(round * 10))
  const [fleetBefore, devicesBefore] = [await requestsOf('fleet'), await requestsOf('devices')]
  expect([fleetBefore, devicesBefore]).toEqual([600, 600])
  fleet.clock.ms += 9 * DAY_MS
  await sweepHistory(swept())
  expect([await requestsOf('fleet'), await requestsOf('devices')]).toEqual([600, 600])
  const lengths = new Set((await allParts()).map(({ deviceId, stepMs }) => `${deviceId === ''} ${stepMs}`))
  expect([...lengths].sort()).toEqual([`false ${DAY_MS}`, `true ${HOUR_MS}`])
  fleet.clock.ms += 23 * DAY_MS
  await sweepHistory(swept())
  expect(await requestsOf('fleet')).toBe(600)
  expect((await allParts()).map(({ stepMs }) => stepMs)).toEqual([DAY_MS, DAY_MS, DAY_MS])
  fleet.clock.ms += 400 * DAY_MS
  await sweepHistory(swept())
  expect(await allParts()).toEqual([])
})

test('the sum of all devices outlives a device that is removed, and its own series does not', async () => {
  await serve(2)
  await later(300_000, () => answered(50))
  const [first] = fleet.devices
  if (!first) throw new Error('no device')
  await fleet.store.transaction((tx) => deleteDevice(tx, first.id))
  expect([await requestsOf('fleet'), await requestsOf('devices')]).toEqual([100, 50])
})

test('a device has series of its own for a limited number of models; the sums have all of them', async () => {
  await fleet.addDevices(1)
  const models = Array.from({ length: DEVICE_MODELS_MAX + 2 }, (_, at) => `model-${String(at).padStart(2, '0')}`)
  for (const model of models) {
    await fleet.addVersion(model, 1)
    await fleet.apply({ name: model, deployable: model, version: '1' })
  }
  await fleet.report(
    fleet.devices,
    () => 'active',
    () => answered(0),
  )
  await sweep()
  await later(300_000, () => answered(10))
  expect([await requestsOf('fleet'), await requestsOf('devices')]).toEqual([180, 160])
})
