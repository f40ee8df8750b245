import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

test('counts the devices of each site by how they fare, an empty site too', async () => {
  await hub.ask('PUT', '/v1/sites/bergen', { body: { kind: 'cloud', country: 'NO' } })
  const device = await joinDevice(hub, { site: 'oslo' })
  await joinDevice(hub, { site: 'oslo' })
  await hub.ask('POST', `/v1/devices/${device.id}/revoke`, { body: { reason: 'lost' } })
  const { body } = await hub.ask<{ rows: unknown[] }>('GET', '/v1/site-states')
  expect(body.rows).toMatchObject([
    { site: 'bergen', kind: 'cloud', country: 'NO', clearance: 'internal', labels: {}, devices: {} },
    { site: 'oslo', devices: { revoked: 1, never: 1 } },
  ])
  const first = await hub.ask<{ rows: unknown[]; next: string }>('GET', '/v1/site-states?limit=1')
  const second = await hub.ask<{ rows: unknown[] }>('GET', `/v1/site-states?limit=1&after=${first.body.next}`)
  expect([...first.body.rows, ...second.body.rows]).toEqual(body.rows)
  const list = await hub.ask<{ rows: { health: string }[] }>('GET', '/v1/devices')
  expect(list.body.rows.map(({ health }) => health).sort()).toEqual(['never', 'revoked'])
})

test('the devices of a site are listed without a selector, or with one on top', async () => {
  const [first] = [
    await joinDevice(hub, { site: 'kiel', name: 'kiel-a' }),
    await joinDevice(hub, { site: 'kiel', name: 'kiel-b' }),
  ]
  const names = async (query: string) =>
    (await hub.ask<{ rows: { name: string }[] }>('GET', `/v1/devices?${query}`)).body.rows.map(({ name }) => name)
  expect(await names('site=kiel')).toEqual(['kiel-a', 'kiel-b'])
  expect(await names('site=kiel&limit=1&after=kiel-a')).toEqual(['kiel-b'])
  expect(await names(`site=kiel&selector=${encodeURIComponent(`device.id == "${first?.id}"`)}`)).toEqual(['kiel-a'])
  expect(await names('site=nowhere')).toEqual([])
})

test('what was done to a device is found under its id, however it was called', async () => {
  const { id, name } = await joinDevice(hub, { site: 'oslo' })
  await hub.ask('PUT', `/v1/devices/${name}/labels`, { body: { labels: { line: '2' } } })
  await hub.ask('DELETE', `/v1/devices/${name}`)
  const { body } = await hub.ask<{ rows: { action: string }[] }>('GET', `/v1/audit?object=${id}`)
  const actions = body.rows.map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['device.join', 'device.relabel', 'device.remove']))
})
