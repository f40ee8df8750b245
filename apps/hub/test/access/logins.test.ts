import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asBrowser, cookieOf, joinPerson, newPerson, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
let annCookie: string
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  await joinPerson(hub, 'olga@example.com', hub.invitation)
  annCookie = await newPerson(hub, 'ann@example.com', 'viewer')
})
afterAll(() => hub[Symbol.asyncDispose]())

type Asked = { code: string; secret: string; url: string; expiresAtMs: number }
type Made = { code?: string; secret: string; key: { id: string; role: string; owner: object; expiresAtMs: number } }

const begin = async (more = {}) =>
  (await hub.ask<Asked>('POST', '/v1/account/logins', { key: null, body: { device: 'ann on laptop', ...more } })).body
const collect = ({ secret }: Pick<Asked, 'secret'>) =>
  hub.ask<Made>('POST', '/v1/account/logins/key', { key: null, body: { secret } })
const answer = (cookie: string, method: string, code: string) =>
  asBrowser(hub, cookie)(method, `/v1/account/logins/${code}`)

/** All of it: a key of whoever has the cookie. */
async function keyOf(cookie: string): Promise<Made> {
  const asked = await begin()
  expect((await answer(cookie, 'PUT', asked.code)).status).toBe(200)
  return (await collect(asked)).body
}

const idOf = async (email: string) =>
  (await hub.ask<{ rows: { id: string; email: string }[] }>('GET', '/v1/users')).body.rows.find(
    (row) => row.email === email,
  )?.id ?? ''

const statusOf = async (key: string) => (await hub.ask('GET', '/v1/me', { key })).status

test('a machine asks, a person who has signed in sees which and agrees, and the machine fetches the key once', async () => {
  const asked = await begin()
  expect(asked).toMatchObject({
    code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
    url: `${hub.url}/connect?code=${asked.code}`,
  })
  expect(await collect(asked)).toMatchObject({ status: 409, body: { code: 'login_pending' } })
  const shown = await answer(annCookie, 'GET', asked.code)
  expect(shown.body).toMatchObject({ device: 'ann on laptop', source: '127.0.0.1', keyExpiresInSeconds: 30 * 86_400 })
  expect((await answer(annCookie, 'PUT', asked.code)).status).toBe(200)
  // Nobody else's browser can agree to it again, in another name.
  expect((await answer(annCookie, 'PUT', asked.code)).body).toMatchObject({ code: 'login_unknown' })
  const both = await Promise.all([collect(asked), collect(asked)])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 403])
  const made = both.find(({ status }) => status === 200)?.body as Made
  expect(made.key).toMatchObject({
    role: 'viewer',
    owner: { email: 'ann@example.com' },
    expiresAtMs: nowMs + 30 * 86_400_000,
  })
  const me = await hub.ask('GET', '/v1/me', { key: made.secret })
  expect(me.body).toMatchObject({ kind: 'key', id: made.key.id, roles: ['viewer'] })
  const { body } = await hub.ask<{ rows: { id: string; owner?: { email: string } }[] }>('GET', '/v1/keys')
  expect(body.rows.find(({ id }) => id === made.key.id)?.owner?.email).toBe('ann@example.com')
})

test('neither code nor secret lies readable beside what it opens, and the trail tells who agreed to what', async () => {
  const asked = await begin()
  const rows = JSON.stringify(await hub.hub.store.db.selectFrom('logins').selectAll().execute())
  expect(rows).not.toContain(asked.secret)
  await answer(annCookie, 'PUT', asked.code)
  const { key } = (await collect(asked)).body
  const { body } = await hub.ask<{ rows: object[] }>('GET', '/v1/audit?newestFirst=true&limit=2')
  expect(body.rows).toMatchObject([
    {
      action: 'key.create',
      actor: { kind: 'user', name: 'ann' },
      object: { id: key.id },
      detail: { device: 'ann on laptop' },
    },
    { action: 'account.confirmLogin', actor: { kind: 'user', name: 'ann' }, detail: { device: 'ann on laptop' } },
  ])
})

test('who refuses, comes too late, guesses or has not just signed in gives no key', async () => {
  const refused = await begin()
  expect((await answer(annCookie, 'DELETE', refused.code)).status).toBe(200)
  expect((await collect(refused)).body).toMatchObject({ code: 'login_refused' })
  const late = await begin()
  nowMs += 600_001
  expect((await answer(annCookie, 'PUT', late.code)).body).toMatchObject({ code: 'login_unknown' })
  expect((await collect(late)).body).toMatchObject({ code: 'login_refused' })
  nowMs += 600_000
  const stale = await begin()
  expect((await answer(annCookie, 'PUT', stale.code)).body).toMatchObject({ code: 'session_stale' })
  annCookie = cookieOf(await signIn(hub, 'ann@example.com'))
  const guesses = await Promise.all(Array.from({ length: 12 }, () => answer(annCookie, 'GET', 'BBBB-BBBB')))
  expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([404, 429]))
  nowMs += 120_000
})

test('without a session nobody sees or answers anything, nor with a key, nor from another page', async () => {
  const { code } = await begin()
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await asBrowser(hub)(method, `/v1/account/logins/${code}`)).body).toMatchObject({ code: 'key_missing' })
    expect((await hub.ask(method, `/v1/account/logins/${code}`)).body).toMatchObject({ code: 'account_missing' })
    const foreign = { cookie: annCookie, 'sec-fetch-site': 'cross-site' }
    const forged = await hub.ask(method, `/v1/account/logins/${code}`, { key: null, headers: foreign })
    expect(forged.body).toMatchObject({ code: 'origin_refused' })
  }
})

test('the key does what the person may do now, and ends with the person, from the next request on', async () => {
  const cookie = await newPerson(hub, 'bob@example.com', 'viewer')
  const { secret } = await keyOf(cookie)
  const roles = async () => (await hub.ask<{ roles: string[] }>('GET', '/v1/me', { key: secret })).body.roles
  expect(await roles()).toEqual(['viewer'])
  const bob = await idOf('bob@example.com')
  await hub.ask('PUT', `/v1/users/${bob}/role`, { body: { role: 'editor' } })
  expect(await roles()).toEqual(['editor'])
  await hub.ask('DELETE', `/v1/users/${bob}`)
  expect(await statusOf(secret)).toBe(401)
  const { body } = await hub.ask<{ rows: { owner?: { id: string }; revokedAtMs?: number }[] }>('GET', '/v1/keys')
  expect(body.rows.find(({ owner }) => owner?.id === bob)?.revokedAtMs).toBe(nowMs)
})

test('a second factor that the role needs is needed for the key, too, also for one that was there before', async () => {
  const cookie = await newPerson(hub, 'cid@example.com', 'auditor')
  const { secret } = await keyOf(cookie)
  expect(await statusOf(secret)).toBe(200)
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['auditor'] } })
  expect((await hub.ask('GET', '/v1/me', { key: secret })).body).toMatchObject({ code: 'second_factor_required' })
  const asked = await begin()
  expect((await answer(cookie, 'PUT', asked.code)).body).toMatchObject({ code: 'second_factor_required' })
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] } })
  expect(await statusOf(secret)).toBe(200)
})

test('a person lists and revokes the own keys; a key ends itself, and nobody else', async () => {
  annCookie = cookieOf(await signIn(hub, 'ann@example.com'))
  const one = await keyOf(annCookie)
  const two = await keyOf(annCookie)
  const bobs = await keyOf(await newPerson(hub, 'dan@example.com'))
  const own = asBrowser(hub, annCookie)
  const ids = async () => ((await own('GET', '/v1/account/keys')).body.rows as { id: string }[]).map(({ id }) => id)
  expect(await ids()).toEqual(expect.arrayContaining([one.key.id, two.key.id]))
  expect(await ids()).not.toContain(bobs.key.id)
  expect((await own('DELETE', `/v1/account/keys/${bobs.key.id}`)).body).toMatchObject({ code: 'key_unknown' })
  const other = await hub.ask('DELETE', `/v1/account/keys/${two.key.id}`, { key: one.secret })
  expect(other.body).toMatchObject({ code: 'account_missing' })
  expect((await hub.ask('DELETE', `/v1/account/keys/${one.key.id}`, { key: one.secret })).status).toBe(200)
  expect((await own('DELETE', `/v1/account/keys/${two.key.id}`)).status).toBe(200)
  expect([await statusOf(one.secret), await statusOf(two.secret), await statusOf(bobs.secret)]).toEqual([401, 401, 200])
})

test('whoever asks again and again is held up, and nobody else', async () => {
  const codes = new Set<number>()
  for (let count = 0; count < 32; count++) {
    codes.add((await hub.ask('POST', '/v1/account/logins', { key: null, body: { device: 'x' } })).status)
  }
  expect(codes).toEqual(new Set([200, 429]))
})
