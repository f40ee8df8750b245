import { permissionsOf } from '@skerry/contract/permissions'
import { systemClock } from '@skerry/platform/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashSecret, keyTextOf } from '../src/keys/key-secret.ts'
import { insertKey } from '../src/keys/key-store.ts'
import { apiOperations, exampleRequest } from './api-request.ts'
import { startTestHub, type TestHub } from './running-hub.ts'
import { joinDevice, makeToken } from './test-device.ts'
import { goldenOf, modelBytes, push, unary } from './test-model.ts'

const { operations, resolve } = await apiOperations()
const guarded = operations.filter(({ access }) => access !== 'public')

let hub: TestHub
let viewerKey: string
let strangerKey: string
/** Of one who has asked for nothing: whose audit trail is empty. */
let bystanderKey: string
/** What exists in the default organisation, by the names of path parameters. */
let things: Record<string, string>
/** Whoever fails often has to wait; here time passes between two tries. */
let nowMs = Date.now()

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const made = await hub.ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', {
    body: { name: 'viewer', role: 'viewer' },
  })
  viewerKey = made.body.secret
  strangerKey = await otherOrganisation('stranger')
  bystanderKey = await otherOrganisation('bystander')
  things = await makeThings(made.body.key.id)
})
afterAll(() => hub[Symbol.asyncDispose]())

/** Another organisation, and the key of its owner. */
async function otherOrganisation(name: string): Promise<string> {
  const { store, ids } = hub.hub
  const [organisationId, id, secret] = [ids.organisation(), ids.key(), ids.secret()]
  await store.transaction(async (tx) => {
    await tx.insertInto('organisations').values({ id: organisationId, name, created_at_ms: nowMs }).execute()
    await insertKey(tx, {
      id,
      organisation_id: organisationId,
      name: 'owner',
      role: 'owner',
      secret_hash: hashSecret(secret),
      created_at_ms: nowMs,
      expires_at_ms: null,
      last_used_at_ms: null,
      revoked_at_ms: null,
    })
  })
  return keyTextOf({ id, secret })
}

async function makeThings(key: string): Promise<Record<string, string>> {
  const device = await joinDevice(hub, { site: 'oslo' })
  const token = await makeToken(hub, { site: 'oslo' })
  await push(hub, 'pump', modelBytes(unary('Relu')), { golden: goldenOf(1), aliases: ['best'] })
  const digest = `sha256:${'5'.repeat(64)}`
  const upload = await hub.ask<{ id: string }>('POST', '/v1/uploads', { body: { digest, sizeBytes: 5 } })
  const applied = await hub.ask<{ deployment: { rolloutId: string } }>('PUT', '/v1/deployments/pumps', {
    body: { model: 'pump' },
  })
  expect(applied.status, applied.text).toBe(200)
  return {
    site: 'oslo',
    token: token.id,
    device: device.id,
    upload: upload.body.id,
    model: 'pump',
    version: '1',
    alias: 'best',
    deployment: 'pumps',
    rollout: applied.body.deployment.rolloutId,
    key,
  }
}

const later = () => {
  nowMs += 60_000
}

describe.each(guarded)('$name', (operation) => {
  test('needs a key, whatever it is asked', async () => {
    const { method, path } = exampleRequest(operation, resolve)
    const answers = [
      await hub.ask(method, path, { key: null }),
      await hub.ask(method, path, { key: null, raw: 'not json', headers: { 'content-type': 'application/json' } }),
    ]
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'key_missing' } })
    expect([400, 401]).toContain(answers[1]?.status)
  })

  test.each([
    ['nonsense', 'nonsense'],
    ['a key that does not exist', `sk_aaaaaaaaaaaa_${'A'.repeat(43)}`],
    ['a wrong secret', ''],
  ])('refuses %s', async (_, text) => {
    later()
    const { method, path, body } = exampleRequest(operation, resolve)
    const key = text || hub.ownerKey.replace(/_[^_]*.{10}$/, (end) => `${end.slice(0, -10)}AAAAAAAAAA`)
    const answer = await hub.ask(method, path, { key, body })
    expect(answer).toMatchObject({ status: 401, body: { code: 'key_invalid' } })
  })

  test('asks for its permission', async () => {
    const { method, path, body } = exampleRequest(operation, resolve)
    const answer = await hub.ask<{ code?: string }>(method, path, { key: viewerKey, body })
    const isAllowed = permissionsOf.viewer.some((permission) => permission === operation.access)
    if (isAllowed) expect([401, 403]).not.toContain(answer.status)
    else expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
  })
})

/** These make what is named in their own organisation, where it is not there. */
const CREATES = new Set(['site.apply', 'deployment.apply', 'deployment.plan', 'model.push'])

const named = guarded.filter(({ path, name }) => path.includes('{') && !CREATES.has(name))

test.each(named)('$name knows nothing of another organisation', async (operation) => {
  const { method, path, body } = exampleRequest(operation, resolve, things)
  const stranger = await hub.ask<{ code: string }>(method, path, { key: strangerKey, body })
  expect(stranger, `${path} ${stranger.text}`).toMatchObject({
    status: 404,
    body: { code: expect.stringMatching(/_unknown$/) },
  })
})

test.each(guarded.filter(({ path, method }) => method === 'get' && !path.includes('{')))(
  '$name shows nothing of another organisation',
  async (operation) => {
    const { path } = exampleRequest(operation, resolve)
    const { text } = await hub.ask('GET', path, { key: bystanderKey })
    for (const thing of ['oslo', 'pumps', things.device, things.rollout, things.token])
      expect(text).not.toContain(`"${thing}"`)
  },
)

test('a blob of another organisation does not exist, and uploading it tells nothing', async () => {
  const model = modelBytes(unary('Relu'))
  const { body } = await hub.ask<{ files: { digest: string }[] }>('GET', '/v1/models/pump/versions/1')
  const digest = body.files.at(-1)?.digest
  expect((await hub.ask('GET', `/v1/blobs/${digest}`)).status).toBe(200)
  expect((await hub.ask('GET', `/v1/blobs/${digest}`, { key: strangerKey })).body).toMatchObject({
    code: 'blob_unknown',
  })
  const upload = { digest, sizeBytes: model.length }
  const begun = await hub.ask('POST', '/v1/uploads', { key: strangerKey, body: upload })
  expect(begun.body).toMatchObject({ done: false, offsetBytes: 0 })
})

test('a key that was revoked or has expired is refused at once', async () => {
  const make = (name: string, more = {}) =>
    hub.ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', { body: { name, role: 'owner', ...more } })
  const revoked = (await make('revoked')).body
  const expiring = (await make('expiring', { expiresInSeconds: 60 })).body
  const me = (key: string) => hub.ask('GET', '/v1/me', { key })
  expect([(await me(revoked.secret)).status, (await me(expiring.secret)).status]).toEqual([200, 200])
  await hub.ask('POST', `/v1/keys/${revoked.key.id}/revoke`)
  later()
  expect([(await me(revoked.secret)).status, (await me(expiring.secret)).status]).toEqual([401, 401])
})

test('whoever tries keys has to wait, and whoever has one does not lose it', async () => {
  later()
  const statuses: number[] = []
  const wrong = `sk_aaaaaaaaaaaa_${'A'.repeat(43)}`
  for (let count = 0; count < 12; count++) statuses.push((await hub.ask('GET', '/v1/me', { key: wrong })).status)
  expect(statuses.slice(-2)).toEqual([429, 429])
  expect((await hub.ask('GET', '/v1/me')).status).toBe(200)
})
