/**
 * Traffic of models: reports of devices over the link become series of all devices and of each one. A caller with a
 * scope learns of no device outside.
 */
import type { ServingStats } from '@skerry/contract/devices/item'
import type { TrafficSeries } from '@skerry/contract/traffic/traffic'
import { FLEET_STEP_MS } from '@skerry/core/traffic/parts'
import { newestClosedMs } from '@skerry/core/traffic/points'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addParts } from '../../src/traffic/part-store.ts'
import { sweepTraffic } from '../../src/traffic/traffic-sweep.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
let [berlin, hamburg]: TestDevice[] = []
beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'pump', modelBytes(unary('Relu')))
  berlin = await joinDevice(hub, { site: 'berlin', name: 'press-1' })
  hamburg = await joinDevice(hub, { site: 'hamburg', name: 'press-2' })
})
afterAll(() => hub[Symbol.asyncDispose]())

/** The device has served version 1 for two minutes. */
async function report(device: TestDevice | undefined, stats: ServingStats): Promise<void> {
  if (!device) throw new Error('no device')
  using link = await openLink(hub, device)
  const [version, digest] = [1, fakeDigest(1)]
  const deploymentId = hub.hub.ids.deployment()
  await link.client.report(
    reportOf({
      items: [
        {
          kind: 'model',
          name: 'pump',
          deploymentId,
          target: { revision: 1, version, digest, retryToken: 0 },
          state: 'active',
          sinceMs: Date.now() - 120_000,
          serving: { version, digest },
          stats,
        },
      ],
    }),
  )
}

const answered = (requests: number, failures: number, bucket: number): ServingStats => ({
  requests,
  failures,
  latency: { first: bucket, counts: [requests - failures] },
})

const seriesOf = (path: string, key?: string) =>
  hub.ask<TrafficSeries>('GET', `/v1/${path}`, key === undefined ? {} : { key })

const totalOf = ({ points }: TrafficSeries) => points.reduce((sum, { requests }) => sum + requests, 0)

test('requests of all devices add up by version and time, and each device has its own', async () => {
  await report(berlin, answered(300, 3, 40))
  await report(hamburg, answered(100, 0, 60))
  expect(await sweepTraffic(hub.hub)).toBe(2)
  await report(berlin, answered(500, 13, 40))
  await sweepTraffic(hub.hub)
  const { status, body, text } = await seriesOf('models/pump/traffic')
  expect(status, text).toBe(200)
  expect(totalOf(body)).toBe(600)
  expect(body.versions).toEqual([{ version: 1, requests: 600, failures: 13, dropped: 0, p50Us: 939, p95Us: 30_048 }])
  expect(new Set(body.points.flatMap(({ slowest }) => slowest?.device ?? []))).toContain('press-2')
  expect(
    body.points.every(({ isOpen }) => isOpen),
    'devices still report this time',
  ).toBe(true)
  expect(totalOf((await seriesOf('models/pump/traffic?over=year&version=1')).body)).toBe(600)
  expect((await seriesOf('models/pump/traffic?over=week&version=2')).body.points).toEqual([])
  const own = await seriesOf('devices/press-2/models/pump/traffic')
  expect([totalOf(own.body), own.body.versions[0]?.p95Us]).toEqual([100, 30_048])
  expect(own.body.points.some(({ slowest }) => slowest !== undefined)).toBe(false)
})

test('a scrape has the newest requests of each version', async () => {
  await push(hub, 'valve', modelBytes(unary('Relu')))
  const startMs = newestClosedMs(Date.now(), FLEET_STEP_MS)
  const counts = { requests: 1_234, failures: 5, dropped: 6, latency: [] }
  const { organisation_id: organisationId } = await hub.hub.store.db
    .selectFrom('models')
    .select('organisation_id')
    .executeTakeFirstOrThrow()
  await hub.hub.store.transaction((tx) =>
    addParts(tx, [
      { deviceId: '', organisationId, model: 'valve', version: 1, startMs, stepMs: FLEET_STEP_MS, counts },
    ]),
  )
  const { text } = await hub.ask('GET', '/metrics')
  expect(text).toMatch(/skerry_model_requests\{[^}]*model="valve",version="1"\} 1234/)
  expect(text).toMatch(/skerry_model_dropped\{[^}]*model="valve",version="1"\} 6/)
})

test('an unknown model or device is an error, and so is a span that charts do not have', async () => {
  expect((await seriesOf('models/none/traffic')).body).toMatchObject({ code: 'model_unknown' })
  expect((await seriesOf('devices/none/models/pump/traffic')).body).toMatchObject({ code: 'device_unknown' })
  expect((await seriesOf('models/pump/traffic?over=decade')).body).toMatchObject({ code: 'input_invalid' })
})

test('a caller with a scope sees the sums without the name of a device, and only devices inside', async () => {
  const role = { name: 'berlin', permissions: ['model.read', 'fleet.read'], scope: 'site.name == "berlin"' }
  expect((await hub.ask('POST', '/v1/roles', { body: role })).status).toBe(200)
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'berlin', role: 'berlin' } })
  const all = await seriesOf('models/pump/traffic', body.secret)
  expect(totalOf(all.body)).toBe(600)
  expect(all.text).not.toContain('press-2')
  expect((await seriesOf('devices/press-1/models/pump/traffic', body.secret)).status).toBe(200)
  expect((await seriesOf('devices/press-2/models/pump/traffic', body.secret)).status).not.toBe(200)
})
