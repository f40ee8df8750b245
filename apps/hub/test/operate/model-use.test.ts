/** The users of a version: the devices that serve it, and the deployments and aliases that prevent its removal. */
import type { ServingDevice, VersionDetail } from '@skerry/contract/models/model'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listServing } from '../../src/models/version-use.ts'
import { toJson } from '../../src/store/json-column.ts'
import { addDevices, type FleetDevice } from '../stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
const fleet: FleetDevice[] = []

beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'pump', modelBytes(unary('Relu')))
  await push(hub, 'pump', modelBytes(unary('Tanh')), { aliases: ['best'] })
  const { store, ids } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const place = { store, ids, organisationId, clock: { ms: Date.now() }, devices: fleet }
  fleet.push(...(await addDevices(place, 5, {})))
  const { body } = await hub.ask<VersionDetail>('GET', '/v1/models/pump/versions/1')
  await store.transaction(async (tx) => {
    for (const [index, { id }] of fleet.entries()) {
      await tx
        .insertInto('device_items')
        .values({
          device_id: id,
          organisation_id: organisationId,
          kind: 'model',
          name: 'pump',
          deployment_id: ids.deployment(),
          target_revision: 1,
          target_version: 2,
          target_digest: fakeDigest(2),
          retry_token: 0,
          state: 'active',
          cause: null,
          opens_at_ms: null,
          since_ms: 1_000,
          serving_version: index < 4 ? 1 : null,
          serving_digest: index < 4 ? body.digest : null,
          p95_us: null,
          stats: index === 0 ? toJson({ requests: 7, failures: 0 }) : null,
        })
        .execute()
    }
  })
})
afterAll(() => hub[Symbol.asyncDispose]())

type Page = { rows: ServingDevice[]; next?: string }

test('the devices that serve a version are listed page by page, and counted by version', async () => {
  const first = await hub.ask<Page>('GET', '/v1/models/pump/versions/1/devices?limit=3')
  expect(first.status, first.text).toBe(200)
  const rest = await hub.ask<Page>('GET', `/v1/models/pump/versions/1/devices?limit=3&after=${first.body.next}`)
  const rows = [...first.body.rows, ...rest.body.rows]
  expect(rest.body.next).toBeUndefined()
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(fleet.slice(0, 4).map(({ name }) => name)))
  expect(rows.find(({ id }) => id === fleet[0]?.id)).toMatchObject({
    site: 'plant',
    liveness: 'online',
    state: 'active',
    stats: { requests: 7 },
  })
  expect((await hub.ask('GET', '/v1/models/pump/versions/2/devices')).body).toEqual({ rows: [] })
  expect((await hub.ask('GET', '/v1/models/pump/serving')).body).toEqual({ rows: [{ version: 1, devices: 4 }] })
  expect((await hub.ask('GET', '/v1/models/pump/versions/1')).body).toMatchObject({ servingCount: 4 })
})

test('the cost of a page grows with the page: the index gives the order, and nothing is sorted', async () => {
  const { store } = hub.hub
  const plan = await sql<{ detail: string }>`explain query plan
    select device_id from device_items where organisation_id = 'o' and name = 'm' and serving_version = 1
    and serving_digest = 'd' and device_id > 'x' order by device_id limit 3`.execute(store.db)
  const details = plan.rows.map(({ detail }) => detail).join('\n')
  expect(details).toContain('device_items_by_serving')
  expect(details).not.toContain('TEMP B-TREE')
  const row = await store.db.selectFrom('versions').selectAll().where('version', '=', 1).executeTakeFirstOrThrow()
  expect(await listServing(store.db, row, { limit: 2, after: undefined, nowMs: 0 })).toHaveLength(2)
})

test('a version or a model in use is not removed, and the rejection names its users', async () => {
  const applied = await hub.ask('PUT', '/v1/deployments/pumps', { body: { deployable: 'pump', version: '2' } })
  expect(applied.status, applied.text).toBe(200)
  const data = { deployments: ['pumps'], aliases: ['best'] }
  const message = 'it is in use by the deployment pumps and the alias best; move or remove those first'
  expect((await hub.ask('DELETE', '/v1/models/pump/versions/2')).body).toMatchObject({
    code: 'version_in_use',
    message,
    data,
  })
  expect((await hub.ask('DELETE', '/v1/models/pump')).body).toMatchObject({
    code: 'model_in_use',
    data: { deployments: ['pumps'] },
  })
  expect((await hub.ask('GET', '/v1/models/pump')).body).toMatchObject({ usedBy: ['pumps'] })
  expect((await hub.ask('GET', '/v1/models/pump/versions/2')).body).toMatchObject({ usedBy: ['pumps'] })
  expect((await hub.ask('GET', '/v1/models/pump/versions/1')).body).toMatchObject({ usedBy: [] })
  expect((await hub.ask('DELETE', '/v1/models/pump/versions/1')).status).toBe(200)
})
