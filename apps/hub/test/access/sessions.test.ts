import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SESSION_LIFE_MS } from '../../src/sessions/session-life.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

/** What a page of the hub sends, and nobody else can. */
const ownPage = { 'sec-fetch-site': 'same-origin' }

const signIn = (key: string, headers: Record<string, string> = ownPage) =>
  hub.ask<{ code?: string; expiresAtMs: number }>('POST', '/v1/session', { key: null, body: { key }, headers })

const cookieOf = ({ headers }: { headers: Record<string, string | string[] | undefined> }) =>
  String(headers['set-cookie']).split(';')[0] ?? ''

const me = (cookie: string, headers: Record<string, string> = ownPage) =>
  hub.ask<{ code?: string; name?: string }>('GET', '/v1/me', { key: null, headers: { cookie, ...headers } })

const newKey = async (name: string, more = {}) => {
  const answer = await hub.ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', {
    body: { name, role: 'owner', ...more },
  })
  return answer.body
}

test('a key becomes a cookie that no script can read, and that holds nothing of the key', async () => {
  const answer = await signIn(hub.ownerKey)
  expect(answer).toMatchObject({ status: 200, body: { expiresAtMs: nowMs + SESSION_LIFE_MS } })
  const cookie = String(answer.headers['set-cookie'])
  expect(cookie).toMatch(
    /^__Host-skerry-session=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  )
  expect(answer.text).not.toContain(cookieOf(answer).split('=')[1])
  const rows = await hub.hub.store.db.selectFrom('sessions').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(cookieOf(answer).split('=')[1])
  expect((await me(cookieOf(answer))).body).toMatchObject({ name: 'owner' })
})

test.each<[string, Record<string, string>]>([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another port or host of the same site', { 'sec-fetch-site': 'same-site' }],
  ['the address bar', { 'sec-fetch-site': 'none' }],
  ['a browser that says nothing', {}],
  ['a mark that a browser contradicts', { 'sec-fetch-site': 'cross-site', 'x-skerry-session': '1' }],
  ['another origin', { ...ownPage, origin: 'https://evil.example' }],
  ['no origin', { ...ownPage, origin: 'null' }],
  ['the same host without TLS', { 'x-skerry-session': '1', origin: 'http://127.0.0.1' }],
])('a cookie from %s is refused, and so is signing in', async (_, headers) => {
  const cookie = cookieOf(await signIn(hub.ownerKey))
  const change = await hub.ask('PUT', '/v1/sites/evil', {
    key: null,
    body: { kind: 'edge' },
    headers: { cookie, ...headers },
  })
  expect(change).toMatchObject({ status: 403, body: { code: 'origin_refused' } })
  expect((await me(cookie, headers)).body.code).toBe('origin_refused')
  expect(await signIn(hub.ownerKey, headers)).toMatchObject({ status: 403, body: { code: 'origin_refused' } })
})

test("the hub's own page may, and an older browser proves itself with the header", async () => {
  const cookie = cookieOf(await signIn(hub.ownerKey))
  for (const proof of [
    { ...ownPage, origin: hub.url },
    { 'x-skerry-session': '1' },
    { 'x-skerry-session': '1', origin: hub.url },
  ])
    expect((await me(cookie, proof)).status, JSON.stringify(proof)).toBe(200)
})

test('a key in the header counts alone, whatever cookie comes along', async () => {
  const headers = { cookie: `__Host-skerry-session=${'A'.repeat(43)}`, 'sec-fetch-site': 'cross-site' }
  expect((await hub.ask('GET', '/v1/me', { headers })).status).toBe(200)
  expect((await hub.ask('GET', '/v1/me', { key: 'nonsense', headers })).body).toMatchObject({ code: 'key_invalid' })
})

test('a session ends when its key is revoked or expires, when its time is over, and when it is ended', async () => {
  const revoked = await newKey('revoked')
  const expiring = await newKey('expiring', { expiresInSeconds: 60 })
  const cookies = {
    revoked: cookieOf(await signIn(revoked.secret)),
    expiring: cookieOf(await signIn(expiring.secret)),
    ended: cookieOf(await signIn(hub.ownerKey)),
    old: cookieOf(await signIn(hub.ownerKey)),
  }
  for (const cookie of Object.values(cookies)) expect((await me(cookie)).status).toBe(200)
  await hub.ask('POST', `/v1/keys/${revoked.key.id}/revoke`)
  const end = await hub.ask('DELETE', '/v1/session', { key: null, headers: { cookie: cookies.ended, ...ownPage } })
  expect(end.status, end.text).toBe(200)
  expect(String(end.headers['set-cookie'])).toContain('Max-Age=0')
  nowMs += 61_000
  expect((await me(cookies.old)).status).toBe(200)
  nowMs += SESSION_LIFE_MS
  for (const cookie of Object.values(cookies))
    expect(await me(cookie)).toMatchObject({ status: 401, body: { code: 'session_ended' } })
})

test('nobody else can end a session', async () => {
  const cookie = cookieOf(await signIn(hub.ownerKey))
  const headers = { cookie, 'sec-fetch-site': 'cross-site' }
  expect(await hub.ask('DELETE', '/v1/session', { key: null, headers })).toMatchObject({
    body: { code: 'origin_refused' },
  })
  expect((await me(cookie)).status).toBe(200)
  expect((await hub.ask('DELETE', '/v1/session', { key: null, headers: ownPage })).status).toBe(200)
})

test('a viewer in a browser reads and changes nothing', async () => {
  const viewer = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  const headers = { cookie: cookieOf(await signIn(viewer.body.secret)), ...ownPage }
  expect((await hub.ask('GET', '/v1/devices', { key: null, headers })).status).toBe(200)
  expect(await hub.ask('PUT', '/v1/sites/x', { key: null, headers, body: { kind: 'edge' } })).toMatchObject({
    status: 403,
    body: { code: 'permission_denied' },
  })
})

test('the audit trail names the key behind the session', async () => {
  const key = await newKey('desk')
  const headers = { cookie: cookieOf(await signIn(key.secret)), ...ownPage }
  await hub.ask('PUT', '/v1/sites/desk', { key: null, headers, body: { kind: 'edge' } })
  const { body } = await hub.ask<{ rows: { action: string; actor: unknown }[] }>(
    'GET',
    '/v1/audit?newestFirst=true&limit=2',
  )
  expect(body.rows.map(({ action }) => action)).toEqual(['site.apply', 'session.create'])
  for (const { actor } of body.rows) expect(actor).toEqual({ kind: 'key', id: key.key.id, name: 'desk' })
})

test('whoever guesses has to wait', async () => {
  nowMs += 60_000
  const wrong = `sk_aaaaaaaaaaaa_${'A'.repeat(43)}`
  const codes = []
  for (let count = 0; count < 12; count++) codes.push((await signIn(wrong)).body.code)
  expect([codes[0], codes.at(-1)]).toEqual(['key_invalid', 'rate_limited'])
})

test('a key that signs in for ever keeps its newest sessions only', async () => {
  const key = await newKey('script')
  const cookies = []
  for (let count = 0; count < 102; count++) {
    nowMs += 1
    cookies.push(cookieOf(await signIn(key.secret)))
  }
  expect((await me(cookies[0] ?? '')).body.code).toBe('session_ended')
  expect((await me(cookies.at(-1) ?? '')).status).toBe(200)
})
