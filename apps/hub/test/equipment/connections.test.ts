/** Sources at the hub: set for a place, compared and set, planned, removed; what is refused, and who may. */
import type { Connection, ConnectionPlan } from '@skerry/contract/connections/connection'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulatorSource } from '../stage/made-things.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'

type Set = { change: string; connection: Connection; code?: string; message?: string }

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub()
  for (const name of ['gateway-1', 'gateway-2']) await joinDevice(hub, { name, site: 'berlin' })
  await joinDevice(hub, { name: 'oslo-1', site: 'oslo' })
})
afterAll(() => hub[Symbol.asyncDispose]())

const put = (name: string, { scope = 'organisation', value = 1, headers = {} } = {}) =>
  hub.ask<Set>('PUT', `/v1/sources/${name}`, { body: { scope, spec: simulatorSource(name, value) }, headers })

const plan = async (name: string, scope: string, value = 1) =>
  (
    await hub.ask<ConnectionPlan>('POST', `/v1/sources/${name}/plan`, {
      body: { scope, spec: simulatorSource(name, value) },
    })
  ).body

test('a source is kept as it was written, and its version rises with each change only', async () => {
  const made = await put('press')
  expect(made.body).toMatchObject({
    change: 'created',
    connection: { name: 'press', scope: 'organisation', protocol: 'simulator', tags: 1, version: 1 },
  })
  expect((await put('press')).body).toMatchObject({ change: 'unchanged', connection: { version: 1 } })
  expect((await put('press', { value: 2 })).body).toMatchObject({ change: 'changed', connection: { version: 2 } })
  const shown = await hub.ask<{ spec: unknown }>('GET', `/v1/sources/${made.body.connection.id}`)
  // Without what its schema would fill in.
  expect(shown.body.spec).toEqual(simulatorSource('press', 2))
})

test('of two who change the same version, one is refused', async () => {
  const { connection } = (await put('raced')).body
  const tag = String((await hub.ask('GET', `/v1/sources/${connection.id}`)).headers.etag)
  const answers = await Promise.all([2, 3, 4].map((value) => put('raced', { value, headers: { 'if-match': tag } })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412])
  expect((await put('raced', { headers: { 'if-none-match': '*' } })).status).toBe(412)
  expect((await put('fresh', { headers: { 'if-none-match': '*' } })).status).toBe(200)
})

test('a plan names the devices that it counts on, and those on which something more specific does', async () => {
  await put('pump', { scope: 'device:gateway-1' })
  await put('pump', { scope: 'site:oslo' })
  expect(await plan('pump', 'organisation')).toEqual({
    change: 'created',
    version: 1,
    devices: { count: 1, names: ['gateway-2'] },
    overridden: { count: 2, names: ['gateway-1', 'oslo-1'] },
  })
  expect(await plan('pump', 'site:berlin')).toMatchObject({
    devices: { names: ['gateway-2'] },
    overridden: { names: ['gateway-1'] },
  })
  expect(await plan('pump', 'device:gateway-1', 2)).toMatchObject({
    change: 'changed',
    version: 2,
    devices: { names: ['gateway-1'] },
    overridden: { count: 0 },
  })
})

test('what counts on a device is its own before its site’s, and its site’s before the organisation’s', async () => {
  await put('pump', { scope: 'organisation' })
  const countsOn = async (device: string) => {
    const { body } = await hub.ask<{ connections: Connection[]; state: string }>('GET', `/v1/devices/${device}/sources`)
    return body.connections.flatMap(({ name, scope }) => (name === 'pump' ? [scope] : []))
  }
  expect(await countsOn('gateway-1')).toEqual(['device:gateway-1'])
  expect(await countsOn('gateway-2')).toEqual(['organisation'])
  expect(await countsOn('oslo-1')).toEqual(['site:oslo'])
})

test('a source of 100,000 tags is taken; one with mistakes is refused with where they are', async () => {
  const tags = Array.from({ length: 100_000 }, (_, index) => ({
    name: `t${index}`,
    signal: { kind: 'constant', value: index },
  }))
  const spec = { name: 'large', protocol: 'simulator', groups: [{ name: 'all', everyMs: 1_000, tags }] }
  const set = await hub.ask<Set>('PUT', '/v1/sources/large', { body: { spec } })
  expect(set.body).toMatchObject({ change: 'created', connection: { tags: 100_000 } })
  const wrong = { ...simulatorSource('wrong'), protocol: 'telepathy' }
  const refused = await hub.ask<Set>('PUT', '/v1/sources/wrong', { body: { spec: wrong } })
  expect(refused).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
  const other = await hub.ask<Set>('PUT', '/v1/sources/one', { body: { spec: simulatorSource('two') } })
  expect(other.body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('spec.name is two') })
})

test('a scope that is not there, a list that is full, and more bytes than fit are refused', async () => {
  expect((await put('lost', { scope: 'site:atlantis' })).body.code).toBe('site_unknown')
  expect((await put('lost', { scope: 'device:gateway-9' })).body.code).toBe('device_unknown')
  for (let index = 0; index < 64; index += 1) await put(`s${index}`, { scope: 'device:gateway-2' })
  expect((await put('one-more', { scope: 'device:gateway-2' })).body.code).toBe('connections_full')
  expect((await put('s1', { scope: 'device:gateway-2', value: 7 })).body.change).toBe('changed')
  const long = { ...simulatorSource('long'), note: 'x'.repeat(34 * 1024 * 1024) }
  expect((await hub.ask<Set>('PUT', '/v1/sources/long', { body: { spec: long } })).status).toBe(413)
})

test('a viewer looks and changes nothing; another organisation sees nothing of it', async () => {
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looking', role: 'viewer' } })
  const key = body.secret
  const body1 = { spec: simulatorSource('press', 9) }
  expect((await hub.ask('PUT', '/v1/sources/press', { key, body: body1 })).status).toBe(403)
  expect((await hub.ask('GET', '/v1/sources?name=press', { key })).status).toBe(200)
  const stranger = await otherOrganisation(hub, 'elsewhere')
  expect((await hub.ask('GET', '/v1/sources', { key: stranger })).body).toEqual({ rows: [] })
})

test('each change is on record, with the scope and the name, the version and the digest', async () => {
  const found = await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?action=source.set&result=ok&limit=1')
  expect(found.body.rows[0]).toMatchObject({
    object: { kind: 'source', id: 'organisation/press' },
    detail: { version: 1, protocol: 'simulator', tags: 1, digest: expect.stringMatching(/^sha256:/) },
  })
})

test('of sinks, too, each change is on record, also that one was removed, and that what is no sink was refused', async () => {
  const set = (folder: unknown) =>
    hub.ask<Set>('PUT', '/v1/sinks/disk', {
      body: { scope: 'site:berlin', spec: { name: 'disk', protocol: 'file', connection: { folder } } },
    })
  await set('values')
  const { connection } = (await set('others')).body
  expect((await set(7)).body).toMatchObject({ code: 'input_invalid' })
  expect((await hub.ask('DELETE', `/v1/sinks/${connection.id}`)).status).toBe(200)
  const recorded = async (action: string) =>
    (await hub.ask<{ rows: unknown[] }>('GET', `/v1/audit?action=${action}&limit=10`)).body.rows
  const place = { object: { kind: 'sink', id: 'site:berlin/disk' }, result: 'ok' }
  const detail = { protocol: 'file', digest: expect.stringMatching(/^sha256:/) }
  expect(await recorded('sink.remove')).toMatchObject([{ ...place, detail: { version: 2 } }])
  expect(await recorded('sink.set')).toMatchObject([
    { ...place, detail: { ...detail, version: 1 } },
    { ...place, detail: { ...detail, version: 2 } },
    { object: { kind: 'sink', id: 'disk' }, result: 'input_invalid' },
  ])
})

test('where devices of production need two people, a source that counts on one waits for the second', async () => {
  await hub.ask('PUT', '/v1/approval-rules', { body: { deployments: 'site.name == "oslo"' } })
  expect((await put('guarded', { scope: 'site:oslo' })).body.code).toBe('approval_needed')
  expect((await put('guarded', { scope: 'organisation' })).body.code).toBe('approval_needed')
  expect((await put('guarded', { scope: 'site:berlin' })).body.change).toBe('created')
  const { connection } = (await put('guarded', { scope: 'site:berlin' })).body
  expect((await hub.ask('DELETE', `/v1/sources/${connection.id}`)).status).toBe(200)
  await hub.ask('PUT', '/v1/approval-rules', { body: {} })
})
