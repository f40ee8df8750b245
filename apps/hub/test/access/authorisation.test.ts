import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiOperations, exampleRequest } from '../stage/api-request.ts'
import { makeThings } from '../stage/made-things.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, unary } from '../stage/test-model.ts'

const { operations, resolve } = await apiOperations()
const guarded = operations.filter(({ access }) => access !== 'public')

let hub: TestHub
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
  strangerKey = await otherOrganisation(hub, 'stranger')
  bystanderKey = await otherOrganisation(hub, 'bystander')
  things = await makeThings(hub, made.body.key.id)
})
afterAll(() => hub[Symbol.asyncDispose]())

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
})

test.each(guarded.filter(({ path, method }) => method === 'get' && !path.includes('{')))(
  '$name shows nothing of another organisation',
  async (operation) => {
    const { path } = exampleRequest(operation, resolve)
    const { text } = await hub.ask('GET', path, { key: bystanderKey })
    for (const thing of ['oslo', 'pumps', things.device, things.rollout, things.token, things.batch])
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
