/** Roles of an organisation's own: what they grant, who may give them, and that a scope holds over the whole API. */
import { TenantRole } from '@skerry/contract/people/permissions'
import { GivenPermission } from '@skerry/contract/people/role'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiOperations, byteOperations, exampleRequest } from '../stage/api-request.ts'
import { makeThings } from '../stage/made-things.ts'
import { asBrowser, newPerson } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const { operations, resolve } = await apiOperations()
const guarded = [...operations, ...byteOperations].filter(({ access }) => access !== 'public')
const GIVEN = GivenPermission.options

let hub: TestHub
let things: Record<string, string>
let inside: { id: string }

beforeAll(async () => {
  hub = await startTestHub()
  const { body } = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', { body: { name: 'one', role: 'viewer' } })
  things = await makeThings(hub, body.key.id)
  inside = await joinDevice(hub, { site: 'bergen' })
})
afterAll(() => hub[Symbol.asyncDispose]())

type Answered = { code?: string; message?: string; rows?: { name: string }[] }

async function makeRole(name: string, spec: object, key?: string) {
  const options = { body: { name, ...spec }, ...(key !== undefined && { key }) }
  return hub.ask<Answered & { people: number }>('POST', '/v1/roles', options)
}

async function keyAs(role: string, key?: string): Promise<string> {
  const body = { name: `${role}-${Math.random().toString(36).slice(2, 8)}`, role }
  const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body, ...(key !== undefined && { key }) })
  expect(made.status, made.text).toBe(200)
  return made.body.secret
}

const as = (key: string) => (method: string, path: string, body?: unknown) =>
  hub.ask<Answered & Record<string, unknown>>(method, path, { key, body })

test('an own role grants what it says and nothing else, and another one from the next request on', async () => {
  await makeRole('pusher', { permissions: ['model.read', 'fleet.read'], description: 'reads models' })
  const ask = as(await keyAs('pusher'))
  expect((await ask('GET', '/v1/models')).status).toBe(200)
  expect((await ask('GET', '/v1/audit')).body).toMatchObject({ code: 'permission_denied' })
  const edited = await hub.ask('PUT', '/v1/roles/pusher', { body: { permissions: ['audit.read', 'fleet.read'] } })
  expect(edited.body).toMatchObject({ name: 'pusher', permissions: ['fleet.read', 'audit.read'], keys: 1 })
  expect((await ask('GET', '/v1/models')).body).toMatchObject({ code: 'permission_denied' })
  expect((await ask('GET', '/v1/audit')).status).toBe(200)
  expect((await ask('GET', '/v1/me')).body).toMatchObject({
    roles: ['pusher'],
    permissions: ['fleet.read', 'audit.read'],
  })
})

test('a person has an own role as well, and a session knows of its change at once', async () => {
  await makeRole('inspector', { permissions: ['fleet.read'] })
  const ask = asBrowser(hub, await newPerson(hub, 'ines@example.com', 'inspector'))
  expect((await ask('GET', '/v1/me')).body).toMatchObject({ roles: ['inspector'], permissions: ['fleet.read'] })
  await hub.ask('PUT', '/v1/roles/inspector', { body: { permissions: ['fleet.read', 'model.read'] } })
  expect((await ask('GET', '/v1/models')).status).toBe(200)
})

test('a role that somebody has stays, and the refusal says by how many it is held', async () => {
  await makeRole('held', { permissions: ['fleet.read'] })
  await keyAs('held')
  await hub.ask('POST', '/v1/invitations', { body: { role: 'held' } })
  const refused = await hub.ask<Answered>('DELETE', '/v1/roles/held')
  expect(refused).toMatchObject({ status: 409, body: { code: 'role_in_use' } })
  expect(refused.body.message).toContain('1 keys, 1 open invitations')
  await makeRole('unheld', { permissions: ['fleet.read'] })
  expect((await hub.ask('DELETE', '/v1/roles/unheld')).status).toBe(200)
  expect((await hub.ask('GET', '/v1/roles/unheld')).body).toMatchObject({ code: 'role_unknown' })
})

test('nobody puts into a role, gives, or takes what goes beyond the own one', async () => {
  const administrator = as(await keyAs('administrator'))
  const whole = { permissions: GIVEN }
  expect((await administrator('POST', '/v1/roles', { name: 'more', ...whole })).body).toMatchObject({
    code: 'role_refused',
  })
  await makeRole('all', whole)
  expect((await administrator('PUT', '/v1/roles/all', { permissions: ['fleet.read'] })).body).toMatchObject({
    code: 'role_refused',
  })
  expect((await administrator('DELETE', '/v1/roles/all')).body).toMatchObject({ code: 'role_refused' })
  for (const role of ['all', 'owner']) {
    expect((await administrator('POST', '/v1/keys', { name: `k-${role}`, role })).body).toMatchObject({
      code: 'role_refused',
    })
    expect((await administrator('POST', '/v1/invitations', { role })).body).toMatchObject({ code: 'role_refused' })
  }
})

test('nobody takes a key, an invitation, a rule or a lock that goes beyond the own role', async () => {
  const administrator = as(await keyAs('administrator'))
  const made = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', { body: { name: 'theirs', role: 'owner' } })
  const invited = await hub.ask<{ invitation: { id: string } }>('POST', '/v1/invitations', { body: { role: 'owner' } })
  const key = `/v1/keys/${made.body.key.id}/revoke`
  const invitation = `/v1/invitations/${invited.body.invitation.id}`
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['owner'] } })
  const rules = (secondFactorFor: string[]) => administrator('PUT', '/v1/sign-in-rules', { secondFactorFor })
  for (const answer of [
    await administrator('POST', key, {}),
    await administrator('DELETE', invitation),
    await rules([]),
  ])
    expect(answer).toMatchObject({ status: 403, body: { code: 'role_refused' } })
  const open = (await hub.ask<{ rows: { id: string }[] }>('GET', '/v1/invitations')).body.rows
  expect(open.map(({ id }) => id)).toContain(invited.body.invitation.id)
  // The rest of the rules stays theirs.
  expect((await rules(['owner', 'viewer'])).status).toBe(200)
  expect((await administrator('POST', `/v1/keys/${await idOfKey('viewer')}/revoke`, {})).status).toBe(200)
  expect((await hub.ask('POST', key, { body: {} })).status).toBe(200)
  expect((await hub.ask('DELETE', invitation)).status).toBe(200)
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] } })
})

async function idOfKey(role: string): Promise<string> {
  const name = `k-${role}-${Math.random().toString(36).slice(2, 8)}`
  const { body } = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', { body: { name, role } })
  return body.key.id
}

test('what is no role is refused, and built-in ones are what they are', async () => {
  const ask = as(hub.ownerKey)
  expect((await ask('POST', '/v1/keys', { name: 'x1', role: 'nobody' })).body).toMatchObject({ code: 'role_unknown' })
  expect((await ask('POST', '/v1/invitations', { role: 'nobody' })).body).toMatchObject({ code: 'role_unknown' })
  expect((await ask('PUT', '/v1/sign-in-rules', { secondFactorFor: ['nobody'] })).body).toMatchObject({
    code: 'role_unknown',
  })
  for (const name of TenantRole.options) {
    expect((await makeRole(name, { permissions: ['fleet.read'] })).body).toMatchObject({ code: 'role_exists' })
    expect((await ask('PUT', `/v1/roles/${name}`, { permissions: ['fleet.read'] })).body).toMatchObject({
      code: 'role_built_in',
    })
    expect((await ask('DELETE', `/v1/roles/${name}`)).body).toMatchObject({ code: 'role_built_in' })
  }
  const bad = [{ permissions: [] }, { permissions: ['device.join'] }, { permissions: ['x'] }]
  for (const spec of bad) expect((await makeRole('bad', spec)).body).toMatchObject({ code: 'input_invalid' })
  for (const scope of ['device.online', 'site.city == "x"', '1 +'])
    expect((await makeRole('bad', { permissions: ['fleet.read'], scope })).body).toMatchObject({
      code: 'selector_invalid',
    })
})

describe('a role with everything, in one site', () => {
  let key: string
  let unknown: Record<string, string>

  beforeAll(async () => {
    const made = await makeRole('bergen', { permissions: GIVEN, scope: 'site.name == "bergen"' })
    expect(made.status, made.text).toBe(200)
    key = await keyAs('bergen')
    unknown = {
      ...things,
      site: 'nowhere',
      device: 'nobody',
      deployment: 'nothing',
      rollout: 'rol_zzzzzzzzzzzz',
      batch: 'bat_zzzzzzzzzzzz',
    }
  })

  test.each(guarded)('$name neither shows nor changes what lies outside', async (operation) => {
    const reach = operation.scope
    const real = exampleRequest(operation, resolve, { ...things, name: 'pumps' })
    const { method, path, ...rest } = real
    const answer = await hub.ask<Answered>(method, path, { key, ...rest })
    // No role of one's own holds what an operator may.
    if (operation.access.startsWith('tenant.'))
      return expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
    if (reach === 'none') return expect(answer).toMatchObject({ status: 403, body: { code: 'scope_refused' } })
    if (reach === 'selecting') {
      const isPlan = operation.name === 'batch.plan' || operation.name === 'batch.create'
      const body = { ...(rest.body as object), ...(isPlan && { selector: 'true' }) }
      return expect((await hub.ask<Answered>(method, path, { key, body })).body.code).toBe('scope_exceeded')
    }
    for (const text of ['"oslo"', things.device, things.rollout, things.batch]) expect(answer.text).not.toContain(text)
    if (reach !== 'named') return
    const nobodys = exampleRequest(operation, resolve, unknown)
    const same = await hub.ask<Answered>(nobodys.method, nobodys.path, { key, ...rest })
    expect([answer.status, answer.body.code, answer.body.message]).toEqual([
      same.status,
      same.body.code,
      same.body.message,
    ])
    expect(answer.status).toBe(404)
  })

  test('sees and changes what lies inside', async () => {
    const ask = as(key)
    expect((await ask('GET', '/v1/devices')).body.rows).toMatchObject([{ id: inside.id }])
    expect((await ask('GET', '/v1/sites')).body.rows).toMatchObject([{ name: 'bergen' }])
    expect((await ask('GET', '/v1/sites/bergen')).status).toBe(200)
    expect((await ask('GET', `/v1/devices/${inside.id}`)).status).toBe(200)
    expect((await ask('PUT', `/v1/devices/${inside.id}/labels`, { labels: { line: 'a' } })).status).toBe(200)
    expect((await ask('GET', '/v1/status')).body).toMatchObject({
      sites: 1,
      devices: { never: 1 },
      deployments: 0,
      rollouts: [],
    })
    expect((await ask('GET', '/v1/models')).body.rows).toMatchObject([{ name: 'pump' }])
    expect((await ask('GET', '/v1/me')).body).toMatchObject({ roles: ['bergen'], scope: 'site.name == "bergen"' })
  })

  test('reads what concerns no place, and the sources of a device inside', async () => {
    const ask = as(key)
    expect((await ask('GET', '/v1/models/pump/versions/1/sbom')).body).toMatchObject({ bomFormat: 'CycloneDX' })
    expect((await ask('GET', '/v1/models/pump/versions/1/trust')).status).toBe(200)
    for (const kind of ['sources', 'sinks']) {
      expect((await ask('GET', `/v1/devices/${inside.id}/${kind}`)).status, kind).toBe(200)
      expect((await ask('GET', `/v1/devices/${things.device}/${kind}`)).body).toMatchObject({ code: 'device_unknown' })
    }
    // The device has no link: the guard has let the call in, and the device is asked in vain.
    for (const path of ['sources/line/read', 'models/pump/infer', 'sources/line/look']) {
      const body = path.endsWith('infer') ? { inputs: [] } : {}
      const answer = await ask('POST', `/v1/devices/${inside.id}/${path}`, body)
      expect(answer.body.code, path).not.toBe('internal_error')
      expect(answer.status, path).not.toBe(403)
    }
  })

  test('deploys with a selector that holds the scope, sees that alone, and steers it', async () => {
    const ask = as(key)
    const refused = await ask('PUT', '/v1/deployments/here', { model: 'pump', selector: 'device.name != "x"' })
    expect(refused).toMatchObject({ status: 403, body: { code: 'scope_exceeded' } })
    const selector = /: (.*)$/.exec(String(refused.body.message))?.[1]
    expect(selector).toBe('(site.name == "bergen") && (device.name != "x")')
    // Of `pump` an older deployment is the owner on every device.
    await push(hub, 'valve', modelBytes(unary('Sigmoid')))
    const applied = await ask('PUT', '/v1/deployments/here', { model: 'valve', selector })
    expect(applied.status, applied.text).toBe(200)
    expect((await ask('GET', '/v1/deployments')).body.rows).toMatchObject([{ name: 'here' }])
    const rollouts = (await ask('GET', '/v1/rollouts')).body.rows as unknown as { id: string }[]
    expect(rollouts).toHaveLength(1)
    const id = rollouts[0]?.id ?? ''
    expect((await ask('GET', `/v1/rollouts/${id}/devices`)).body.rows).toMatchObject([{ deviceId: inside.id }])
    expect((await ask('POST', `/v1/rollouts/${id}/pause`, { reason: 'look' })).status).toBe(200)
    const taken = await ask('PUT', '/v1/deployments/pumps', { model: 'pump', selector: 'site.name == "bergen"' })
    expect(taken.body).toMatchObject({ code: 'scope_exceeded' })
  })

  test('pushes a version, and moves no alias with it: aliases count in all places', async () => {
    const pushed = await push(hub, 'alias-keeper', modelBytes(unary('Tanh')), { aliases: ['champion'] })
    const file = pushed.body.version.files.find(({ path }) => path === 'model.onnx')
    const body = { files: [{ path: 'model.onnx', digest: file?.digest }], labels: { made: 'again' } }
    const ask = as(key)
    const path = '/v1/models/alias-keeper/versions'
    const refused = await ask('POST', path, { ...body, aliases: ['champion'] })
    expect(refused).toMatchObject({ status: 403, body: { code: 'scope_refused' } })
    expect((await ask('POST', path, body)).status).toBe(200)
    expect((await ask('GET', '/v1/models/alias-keeper')).body).toMatchObject({ model: { aliases: { champion: 1 } } })
  })

  test('has a batch for devices inside, and none for others', async () => {
    const ask = as(key)
    const command = { kind: 'run-diagnostics' }
    expect((await ask('POST', '/v1/batches', { command, selector: 'true' })).body).toMatchObject({
      code: 'scope_exceeded',
    })
    const made = await ask('POST', '/v1/batches', { command, selector: 'site.name == "bergen"' })
    expect(made, made.text).toMatchObject({ status: 200, body: { devices: 1 } })
    expect((await ask('GET', '/v1/batches')).body.rows).toMatchObject([{ id: made.body.id }])
  })

  test('a device that is moved out is out at once', async () => {
    await makeRole('line-b', { permissions: ['fleet.read', 'device.write'], scope: 'device.labels.line == "b"' })
    const ask = as(await keyAs('line-b'))
    const path = `/v1/devices/${inside.id}`
    expect((await ask('GET', path)).body).toMatchObject({ code: 'device_unknown' })
    await hub.ask('PUT', `${path}/labels`, { body: { labels: { line: 'b' } } })
    expect((await ask('GET', path)).status).toBe(200)
    expect((await ask('GET', '/v1/sites')).body.rows).toMatchObject([{ name: 'bergen' }])
    await hub.ask('PUT', `${path}/labels`, { body: { labels: { line: 'c' } } })
    expect((await ask('GET', path)).body).toMatchObject({ code: 'device_unknown' })
    expect((await ask('GET', '/v1/devices')).body).toEqual({ rows: [] })
    expect((await ask('GET', '/v1/sites')).body).toEqual({ rows: [] })
  })
})
