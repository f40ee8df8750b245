import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asBrowser, joinPerson } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub({ hasOperator: true })
})
afterAll(() => hub[Symbol.asyncDispose]())

type Made = { organisation: { id: string; hasOwner: boolean }; invitation: { link: string } }

const asOperator = <Body = { code?: string }>(method: string, path: string, body?: unknown) =>
  hub.ask<Body>(method, path, { key: hub.operatorKey, body })

const makeOrganisation = (name: string, more = {}) =>
  asOperator<Made & { code?: string }>('POST', '/v1/organisations', { name, ...more })

const secretOf = (link: string) => link.split('#invitation=')[1] ?? ''

test('an operator creates an organisation, and its first owner joins by a link and finds it empty', async () => {
  const made = await makeOrganisation('plant-north', { ownerEmail: 'mona@example.com' })
  expect(made.status, made.text).toBe(200)
  expect(made.body.organisation).toMatchObject({ name: 'plant-north', hasOwner: false })
  const secret = secretOf(made.body.invitation.link)
  await expect(joinPerson(hub, 'else@example.com', secret)).rejects.toThrow('invitation_refused')
  const mona = asBrowser(hub, await joinPerson(hub, 'mona@example.com', secret))
  expect((await mona('GET', '/v1/me')).body).toMatchObject({ organisation: 'plant-north', roles: ['owner'] })
  expect((await mona('GET', '/v1/devices')).body).toEqual({ rows: [] })
  const { body: audit } = await mona('GET', '/v1/audit')
  expect(JSON.stringify(audit)).toContain('organisation.created')
  const shown = await asOperator('GET', '/v1/organisations/plant-north')
  expect(shown.body).toMatchObject({ hasOwner: true })
})

test('only operators see the numbers of the whole hub once a second organisation exists', async () => {
  await makeOrganisation('plant-numbers')
  const metricsOf = async (key: string) => (await hub.ask('GET', '/metrics', { key })).text
  expect(await metricsOf(hub.operatorKey)).toContain('skerry_requests_total')
  const own = await metricsOf(hub.ownerKey)
  expect(own).toContain('skerry_organisation_storage_bytes 0')
  // The monitors of an organisation are its own, and so are their numbers.
  expect(own).not.toMatch(/skerry_(?!organisation_|monitor_|model_)|process_|nodejs_/)
})

test("the name of an organisation is unique, and the operators' name cannot be taken", async () => {
  await makeOrganisation('twice')
  expect((await makeOrganisation('twice')).body.code).toBe('organisation_exists')
  expect((await makeOrganisation('default')).body.code).toBe('organisation_exists')
  expect((await makeOrganisation('operators')).body.code).toBe('input_invalid')
  expect((await asOperator('GET', '/v1/organisations/operators')).body.code).toBe('organisation_unknown')
  const { body } = await asOperator<{ rows: { name: string }[] }>('GET', '/v1/organisations')
  expect(body.rows.map(({ name }) => name)).not.toContain('operators')
})

test('an owner who never joined is invited again, and an operator cannot enter an organisation with an owner', async () => {
  const first = await makeOrganisation('late')
  const again = () => asOperator<{ link: string; code?: string }>('POST', '/v1/organisations/late/invitation', {})
  const second = await again()
  const stale = joinPerson(hub, 'late@example.com', secretOf(first.body.invitation.link))
  await expect(stale).rejects.toThrow('invitation_refused')
  await joinPerson(hub, 'late@example.com', secretOf(second.body.link))
  expect((await again()).body.code).toBe('organisation_claimed')
  // An organisation with a key of an owner counts as claimed too.
  expect((await asOperator('POST', '/v1/organisations/default/invitation', {})).body.code).toBe('organisation_claimed')
})

test('actions of an operator are recorded in both trails', async () => {
  const made = await makeOrganisation('seen')
  await asOperator('POST', '/v1/organisations/seen/invitation', {})
  const rows = await hub.hub.store.db
    .selectFrom('audit_records')
    .select(['action', 'actor_name'])
    .where('organisation_id', '=', made.body.organisation.id as never)
    .orderBy('sequence')
    .execute()
  expect(rows).toEqual([
    { action: 'organisation.created', actor_name: 'operator' },
    { action: 'organisation.invite', actor_name: 'operator' },
  ])
  const { text } = await asOperator('GET', '/v1/audit?limit=500')
  expect(text).toContain('organisation.invite')
})

test('only operators have and give the operator role, and an operator gives no other', async () => {
  const give = (role: string, key: string) =>
    hub.ask<{ code?: string }>('POST', '/v1/keys', { key, body: { name: `as-${role}`, role } })
  expect((await give('operator', hub.ownerKey)).body.code).toBe('role_refused')
  expect((await give('owner', hub.operatorKey)).body.code).toBe('role_refused')
  expect((await give('viewer', hub.operatorKey)).body.code).toBe('role_refused')
  expect((await give('operator', hub.operatorKey)).status).toBe(200)
  const own = { name: 'mine', permissions: ['tenant.read'] }
  expect((await hub.ask<{ code?: string }>('POST', '/v1/roles', { body: own })).body.code).toBe('input_invalid')
  const namesFor = async (key: string) => {
    const { body } = await hub.ask<{ rows: { name: string }[] }>('GET', '/v1/roles', { key })
    return body.rows.map(({ name }) => name)
  }
  expect(await namesFor(hub.operatorKey)).toEqual(['operator'])
  expect(await namesFor(hub.ownerKey)).not.toContain('operator')
})

test('a key outside the operators that got the operator role by mistake manages nothing', async () => {
  const made = await hub.ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', {
    body: { name: 'mistake', role: 'viewer' },
  })
  await hub.hub.store.transaction((tx) =>
    tx
      .updateTable('keys')
      .set({ role: 'operator' as never })
      .where('id', '=', made.body.key.id as never)
      .execute(),
  )
  const { body } = await hub.ask<{ code?: string }>('GET', '/v1/organisations', { key: made.body.secret })
  expect(body.code).toBe('permission_denied')
})

test('a restart makes a new operator only if none is left', async () => {
  const data = await mkdtemp(join(tmpdir(), 'skerry-operators-'))
  const start = () => startTestHub({ data, hasOperator: true })
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(data, { recursive: true }))
  const first = await start()
  await first[Symbol.asyncDispose]()
  const second = await start()
  expect(second.operatorKey).toBe('')
  const key = first.operatorKey
  const { body } = await second.ask<{ rows: { id: string }[] }>('GET', '/v1/keys', { key })
  await second.ask('POST', `/v1/keys/${body.rows[0]?.id}/revoke`, { key })
  await second[Symbol.asyncDispose]()
  const third = stack.use(await start())
  const listed = await third.ask('GET', '/v1/organisations', { key: third.operatorKey })
  expect(listed.status, listed.text).toBe(200)
})
