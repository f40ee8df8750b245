/** Links of devices as people see them, and the pace of a device's calls. */
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endLinksOf, storeLinks } from '../../src/devices/device-link-store.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const linkOf = async ({ name }: TestDevice) =>
  (await hub.ask<{ link: object; liveness: string }>('GET', `/v1/devices/${name}`)).body

const until = (device: TestDevice, link: object) => expect.poll(() => linkOf(device)).toMatchObject({ link })

test('the hub shows at once that a device is connected, and how its link ended, long before the device is stale', async () => {
  const device = await joinDevice(hub)
  expect(await linkOf(device)).toMatchObject({ link: { connected: false } })
  const polite = await openLink(hub, device)
  await polite.client.report(reportOf())
  await until(device, { connected: true, sinceMs: expect.any(Number) })
  await polite.client.leave({})
  polite[Symbol.dispose]()
  await until(device, { connected: false, ended: 'goodbye' })
  expect(await linkOf(device), 'a stop in order needs no wait').toMatchObject({ liveness: 'stale', health: 'stale' })
  expect((await hub.ask('GET', '/v1/status')).body).toMatchObject({ devices: { stale: 1, stopped: 1 } })
  const silent = (alert: { code: string }) => alert.code === 'devices_stale'
  const { alerts } = (await hub.ask<{ alerts: { code: string }[] }>('GET', '/v1/alerts')).body
  expect(alerts.filter(silent), 'a restart is no alert').toEqual([])
  const killed = await openLink(hub, device)
  await killed.client.report(reportOf())
  expect(await linkOf(device)).toMatchObject({ liveness: 'online', health: 'healthy' })
  await until(device, { connected: true })
  killed[Symbol.dispose]()
  await until(device, { connected: false, ended: 'closed' })
  const events = await hub.ask<{ rows: { change: { kind: string } }[] }>('GET', `/v1/devices/${device.name}/events`)
  expect(
    events.body.rows.map(({ change }) => change.kind),
    'a restart is no silence',
  ).not.toContain('heard-again')
  expect(await linkOf(device)).toMatchObject({ liveness: 'online', health: 'healthy' })
  const list = await hub.ask<{ rows: { name: string; link: object }[] }>('GET', '/v1/devices?limit=200')
  expect(list.body.rows.find(({ name }) => name === device.name)).toMatchObject({ link: { connected: false } })
})

test('an open link of a hub that is gone no longer counts', async () => {
  const device = await joinDevice(hub)
  const { store, cluster, clock } = hub.hub
  const row = { device_id: device.id, connected_at_ms: clock.nowMs(), ended_at_ms: null, ended: null }
  await store.transaction((tx) => storeLinks(tx, [{ ...row, hub_id: 'another-hub' }]))
  expect(await linkOf(device)).toMatchObject({ link: { connected: false, ended: 'hub' } })
  await store.transaction((tx) => storeLinks(tx, [{ ...row, hub_id: cluster.hubId }]))
  expect(await linkOf(device)).toMatchObject({ link: { connected: true } })
  const older = { ...row, hub_id: 'another-hub', connected_at_ms: 1, ended_at_ms: 2, ended: 'closed' as const }
  await store.transaction((tx) => storeLinks(tx, [older]))
  expect(await linkOf(device)).toMatchObject({ link: { connected: true } })
  await store.transaction((tx) => endLinksOf(tx, cluster.hubId, clock.nowMs()))
  expect(await linkOf(device)).toMatchObject({ link: { connected: false, ended: 'hub' } })
})

test('a device that requests certificates endlessly gets a few, with records, and then a waiting time, also in quarantine and on a new link', async () => {
  const device = await joinDevice(hub)
  const csr = await createCertificateRequest(device.privateKeyPem)
  const renewUntilRejected = async () => {
    using link = await openLink(hub, device)
    await link.client.report(reportOf())
    for (let renewed = 0; renewed < 20; renewed++) {
      const error: unknown = await link.client.renew({ csr }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (error !== undefined) return { renewed, error }
    }
    return { renewed: 20, error: undefined }
  }
  const tooMany = { code: 'rate_limited', data: { retryAfterMs: expect.any(Number) } }
  expect(await renewUntilRejected()).toMatchObject({ renewed: 6, error: tooMany })
  await hub.ask('POST', `/v1/devices/${device.name}/quarantine`, { body: { reason: 'it floods' } })
  expect(await renewUntilRejected()).toMatchObject({ renewed: 0, error: tooMany })
  const { body } = await hub.ask<{ rows: { object: { id: string } }[] }>(
    'GET',
    '/v1/audit?action=device.certified&limit=200',
  )
  expect(body.rows.filter(({ object }) => object.id === device.id)).toHaveLength(7)
  const other = await joinDevice(hub)
  using link = await openLink(hub, other)
  await link.client.report(reportOf())
  await link.client.renew({ csr: await createCertificateRequest(other.privateKeyPem) })
})
