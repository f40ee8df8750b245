/**
 * The earlier specs of a deployment, the deployments that took over its devices, and its state after its version is
 * gone from the file.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub()
  await joinDevice(hub, { site: 'oslo' })
  await push(hub, 'pump', modelBytes(unary('Relu')))
  await push(hub, 'pump', modelBytes(unary('Abs')))
})
afterAll(() => hub[Symbol.asyncDispose]())

type Revision = {
  revision: number
  version: number
  appliedBy?: string
  spec: { selector: string }
  rollout?: { status: string }
}
type Revisions = { rows: Revision[]; next?: string }

const apply = (name: string, body: object, key?: string) =>
  hub.ask<{ change: string }>('PUT', `/v1/deployments/${name}`, {
    body: { deployable: 'pump', ...body },
    ...(key === undefined ? {} : { key }),
  })

test('revisions are listed newest first, with their spec, their rollout and their author', async () => {
  const { body: made } = await hub.ask<{ secret: string }>('POST', '/v1/keys', {
    body: { name: 'second', role: 'owner' },
  })
  await apply('pumps', { version: '1', selector: 'false' })
  await hub.ask('DELETE', '/v1/deployments/pumps')
  await apply('pumps', { version: '1' })
  await apply('pumps', { version: '2' }, made.secret)
  expect((await apply('pumps', { version: '2' })).body.change).toBe('unchanged')
  await apply('pumps', { version: '2', selector: 'site.kind == "edge"' })
  const { body } = await hub.ask<Revisions>('GET', '/v1/deployments/pumps/revisions?limit=2')
  expect(body.rows).toMatchObject([
    { revision: 3, version: 2, appliedBy: 'owner', spec: { selector: 'site.kind == "edge"' } },
    { revision: 2, version: 2, appliedBy: 'second', rollout: { status: 'superseded' } },
  ])
  const { body: older } = await hub.ask<Revisions>('GET', `/v1/deployments/pumps/revisions?after=${body.next}`)
  expect(older).toMatchObject({ rows: [{ revision: 1, version: 1, appliedBy: 'owner', spec: { selector: 'true' } }] })
  expect(older.next).toBeUndefined()
})

test.each([
  ['5e-324', 400],
  ['1.5', 400],
  ['-1', 400],
  ['999999999999999', 200],
])('a page of revisions after %s is answered with %i', async (after, status) => {
  expect(await hub.ask('GET', `/v1/deployments/pumps/revisions?after=${after}`)).toMatchObject({ status })
  expect(hub.log.filter(({ event }) => event === 'request_failed')).toEqual([])
})

test('a deployment shows the state of its rollout, and the devices that an older deployment keeps', async () => {
  await apply('younger', { version: '1' })
  const { body } = await hub.ask<{ rolloutStatus: string; devices: object; conflicts: number }>(
    'GET',
    '/v1/deployments/younger',
  )
  expect(body).toMatchObject({ rolloutStatus: 'rolling', devices: { total: 0, healthy: 0 }, conflicts: 1 })
  const { body: elder } = await hub.ask('GET', '/v1/deployments/pumps')
  expect(elder).toMatchObject({ devices: { total: 1, healthy: 0 }, conflicts: 0 })
  const { body: conflicts } = await hub.ask<{ rows: object[] }>('GET', '/v1/deployments/younger/conflicts')
  expect(conflicts.rows).toMatchObject([{ site: 'oslo', owner: 'pumps' }])
  const { body: none } = await hub.ask<{ rows: object[] }>('GET', '/v1/deployments/pumps/conflicts')
  expect(none.rows).toEqual([])
})

test('a preview changes nothing: a viewer can request it, and it leaves no record', async () => {
  const { body: made } = await hub.ask<{ secret: string }>('POST', '/v1/keys', {
    body: { name: 'looker', role: 'viewer' },
  })
  // The hub itself may record a decision at any time, such as a finding about the new key of an owner.
  const records = async () =>
    (await hub.ask<{ rows: { actor: { kind: string } }[] }>('GET', '/v1/audit?limit=500')).body.rows.filter(
      ({ actor }) => actor.kind !== 'hub',
    )
  const before = await records()
  const ask = { selector: 'site.kind == "cloud"', deployable: 'pump' }
  const answer = await hub.ask('POST', '/v1/selector/preview', { key: made.secret, body: ask })
  expect(answer).toMatchObject({
    status: 200,
    body: { total: 1, others: { conditions: [{ condition: 'site.kind == "cloud"', count: 1 }] } },
  })
  expect(await records()).toEqual(before)
})

test('a deployment whose version was deleted from the database can be read, changed and removed', async () => {
  await apply('pumps', { version: '2' })
  await hub.hub.store.transaction(async (tx) => {
    await tx.deleteFrom('versions').where('name', '=', 'pump').where('version', '=', 2).execute()
  })
  expect((await hub.ask('GET', '/v1/deployments/pumps')).body).toMatchObject({ version: 2 })
  expect(await apply('pumps', { version: '2' })).toMatchObject({ status: 404, body: { code: 'version_unknown' } })
  const mended = await apply('pumps', { version: '1' })
  expect(mended, mended.text).toMatchObject({ status: 200, body: { change: 'updated' } })
  expect((await hub.ask('DELETE', '/v1/deployments/pumps')).status).toBe(200)
})
