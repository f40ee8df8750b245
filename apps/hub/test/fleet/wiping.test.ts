/** Having a device wiped: who may, in which steps, and what its certificate is good for until it has begun. */
import type { WipeOrder } from '@skerry/contract/link/link'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const change = ({ name }: TestDevice, verb: string, body: object = {}) =>
  hub.ask<{ status?: string; code?: string }>('POST', `/v1/devices/${name}/${verb}`, {
    body: { reason: 'stolen', ...body },
  })

test('takes two steps and the name of the device', async () => {
  const device = await joinDevice(hub)
  const confirm = device.name
  expect((await change(device, 'wipe', { confirm })).body).toMatchObject({ code: 'device_status_refused' })
  await change(device, 'quarantine')
  expect((await change(device, 'wipe', { confirm: 'another' })).body).toMatchObject({ code: 'wipe_unconfirmed' })
  expect((await change(device, 'wipe', { confirm })).body).toMatchObject({ status: 'wiping' })
  expect((await change(device, 'release')).body).toMatchObject({ code: 'device_status_refused' })
  // Who has second thoughts before it hears of it keeps it out, and no more.
  expect((await change(device, 'revoke')).body).toMatchObject({ status: 'revoked' })
})

test('a device that is connected hears of it, says that it has begun, and is refused from then on', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const orders = (await link.client.jobs({ kinds: ['wipe'] }))[Symbol.asyncIterator]()
  const first = orders.next()
  await change(device, 'quarantine')
  await change(device, 'wipe', { confirm: device.name })
  expect((await first).value).toEqual<WipeOrder>({ kind: 'wipe' })
  // Until then it may report, and nothing else.
  await link.client.report(reportOf())
  await expect(link.client.renew({ csr: 'x' })).rejects.toMatchObject({ code: 'csr_invalid' })
  const blob = await hub.ask('GET', `/v1/blobs/sha256:${'a'.repeat(64)}`, { key: null, certificate: device })
  expect(blob.body).toMatchObject({ code: 'device_revoked' })
  await link.client.wipeBegun({}).catch(() => undefined)
  expect(await link.closed).toEqual({ code: 4403, reason: 'device_revoked' })
  await expect(openLink(hub, device)).rejects.toThrow('device_revoked')
  const shown = await hub.ask('GET', `/v1/devices/${device.name}`)
  expect(shown.body).toMatchObject({ status: 'wiped', health: 'revoked' })
  const trail = await hub.ask<{ rows: { action: string }[] }>('GET', `/v1/audit?object=${device.id}`)
  const actions = trail.body.rows.map(({ action }) => action)
  expect(actions.slice(-3)).toEqual(['device.quarantine', 'device.wipe', 'device.wiped'])
})

test('a device that was away hears of it when it comes, even one that was revoked before', async () => {
  const device = await joinDevice(hub)
  await change(device, 'revoke')
  await expect(openLink(hub, device)).rejects.toThrow('device_revoked')
  await change(device, 'wipe', { confirm: device.name })
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const orders = (await link.client.jobs({ kinds: ['wipe'] }))[Symbol.asyncIterator]()
  expect((await orders.next()).value).toEqual<WipeOrder>({ kind: 'wipe' })
})

test('nobody says that it has begun who was not told to', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  await link.client.wipeBegun({})
  expect((await hub.ask('GET', `/v1/devices/${device.name}`)).body).toMatchObject({ status: 'active' })
})
