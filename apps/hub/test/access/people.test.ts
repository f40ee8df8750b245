import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asBrowser, browserOf, cookieOf, joinPerson, newPerson, ownPage, PASSWORD, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
let ownerCookie: string
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  ownerCookie = await joinPerson(hub, 'olga@example.com', hub.invitation)
})
afterAll(() => hub[Symbol.asyncDispose]())

/** Whoever fails often has to wait; here time passes between two tests. */
const later = (ms = 3_600_000) => {
  nowMs += ms
}

/** Time passes, and sessions with it. */
async function asOwner() {
  const answer = await signIn(hub, 'olga@example.com')
  ownerCookie = cookieOf(answer)
  return asBrowser(hub, ownerCookie)
}

type Found = { rows: { action: string; result: string; actor: { kind: string; id: string }; detail: object }[] }

const trail = async (query: string) =>
  (await hub.ask<Found>('GET', `/v1/audit?newestFirst=true&${query}`)).body.rows.map(({ action, result, actor }) => ({
    action,
    result,
    kind: actor.kind,
  }))

const idOf = async (email: string) => {
  const { body } = await hub.ask<{ rows: { id: string; email: string }[] }>('GET', '/v1/users')
  return body.rows.find((row) => row.email === email)?.id
}

test('the first invitation makes an owner, once', async () => {
  const me = await asBrowser(hub, ownerCookie)('GET', '/v1/me')
  expect(me.body).toMatchObject({ kind: 'user', name: 'olga', roles: ['owner'] })
  const again = { invitation: hub.invitation, email: 'eve@example.com', name: 'Eve', password: PASSWORD }
  const answer = await asBrowser(hub)('POST', '/v1/account', again)
  expect(answer).toMatchObject({ status: 403, body: { code: 'invitation_refused' } })
  expect(await trail('action=account.join')).toEqual([{ action: 'account.join', result: 'ok', kind: 'user' }])
})

test('a cookie is for the hub only, and neither it nor the password is in the database', async () => {
  const answer = await signIn(hub, 'Olga@Example.com')
  const [cookie, browser] = [answer.headers['set-cookie']].flat().map(String)
  expect(browser).toMatch(
    /^__Host-skerry-browser=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000$/,
  )
  expect(cookie).toMatch(
    /^__Host-skerry-session=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  )
  const { db } = hub.hub.store
  const rows = [
    await db.selectFrom('user_sessions').selectAll().execute(),
    await db.selectFrom('user_accounts').selectAll().execute(),
  ]
  expect(JSON.stringify(rows)).not.toContain(cookieOf(answer).split('=')[1])
  expect(JSON.stringify(rows)).not.toContain(PASSWORD)
  expect(JSON.stringify(rows[1])).toMatch(/\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('what is wrong at sign-in shows neither in the answer nor in who exists', async () => {
  const wrong = await signIn(hub, 'olga@example.com', { password: 'something else' })
  const unknown = await signIn(hub, 'nobody@example.com')
  const elsewhere = await signIn(hub, 'olga@example.com', { organisation: 'other' })
  for (const answer of [wrong, unknown, elsewhere]) {
    expect(answer).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.body).toEqual(wrong.body)
  }
})

test('a guesser is locked out by address, however many come at once; time lets the person in, and the trail tells of it', async () => {
  later()
  await newPerson(hub, 'gus@example.com')
  const tries = Array.from({ length: 12 }, (_, index) =>
    signIn(hub, 'gus@example.com', { password: `guess number ${index}` }),
  )
  const statuses = (await Promise.all(tries)).map(({ status }) => status)
  expect(statuses.every((status) => status === 401 || status === 429)).toBe(true)
  const refused = await trail(`action=account.signIn&result=sign_in_refused&object=${await idOf('gus@example.com')}`)
  expect(refused.length).toBe(5)
  expect((await signIn(hub, 'gus@example.com')).status).not.toBe(200)
  // Nobody else has to wait, though they come from the same address.
  expect((await signIn(hub, 'olga@example.com')).status).toBe(200)
  later(31_000)
  expect((await signIn(hub, 'gus@example.com')).status).toBe(200)
})

describe('an address that a stranger keeps locked', () => {
  const home = '127.0.0.1'
  const stranger = '127.0.0.2'
  const hotel = '127.0.0.3'
  const enter = (email: string, from: string, more: { cookie?: string; password?: string } = {}) =>
    asBrowser(hub, more.cookie, from)('POST', '/v1/account/session', { email, password: more.password ?? PASSWORD })

  /** Somebody with a browser that is known, whose address a stranger locks from elsewhere. */
  async function locked(email: string): Promise<string> {
    later()
    await newPerson(hub, email)
    const browser = browserOf(await enter(email, home))
    for (let count = 0; count < 6; count++) await enter(email, stranger, { password: `guess number ${count}` })
    expect((await enter(email, hotel)).body.code).toBe('sign_in_refused')
    return browser
  }

  test(
    'opens for its person: from an address of theirs, and with a browser of theirs anywhere',
    deep('many sign-ins; the lock of a guesser is quick'),
    async () => {
      const cookie = await locked('kai@example.com')
      expect((await enter('kai@example.com', home)).status).toBe(200)
      const entered = await enter('kai@example.com', hotel, { cookie })
      expect(entered.status, entered.text).toBe(200)
      expect(browserOf(entered)).toBe(cookie)
      // From now on the hotel is known, too. What is done in the session is not held up either.
      expect((await enter('kai@example.com', hotel)).status).toBe(200)
      const ask = asBrowser(hub, `${cookieOf(entered)}; ${cookie}`, '127.0.0.4')
      expect((await ask('POST', '/v1/account/second-factor', { password: PASSWORD })).status).toBe(200)
      // The stranger still has to wait.
      expect((await enter('kai@example.com', stranger)).body.code).toBe('sign_in_refused')
    },
  )

  test(
    'gives whoever has stolen the cookie no more guesses than anybody has, and none at another person',
    deep('many sign-ins; the lock of a guesser is quick'),
    async () => {
      const cookie = await locked('lee@example.com')
      const last = []
      for (let count = 0; count < 6; count++) {
        last.push(await enter('lee@example.com', hotel, { cookie, password: `another guess ${count}` }))
      }
      expect(last.at(-1)?.body).toMatchObject({ code: 'sign_in_refused', data: { retryAfterMs: 30_000 } })
      expect((await enter('lee@example.com', hotel, { cookie })).body.code).toBe('sign_in_refused')
      await locked('mia@example.com')
      expect((await enter('mia@example.com', hotel, { cookie })).body.code).toBe('sign_in_refused')
      expect((await enter('lee@example.com', home)).status).toBe(200)
    },
  )
})

test('how long to wait is said, to whoever asks: an address that nobody has waits just so', async () => {
  later()
  await newPerson(hub, 'wim@example.com')
  const waits = async (email: string) => {
    const said = []
    for (let count = 0; count < 7; count++) {
      // Past what slows down a caller, whichever address is tried.
      later(6_000)
      const { body } = await signIn(hub, email, { password: 'not the password' })
      said.push((body.data as { retryAfterMs?: number } | undefined)?.retryAfterMs)
    }
    return said
  }
  const known = await waits('wim@example.com')
  expect(known).toEqual([undefined, undefined, undefined, undefined, 30_000, 24_000, 18_000])
  expect(await waits('nobody-either@example.com')).toEqual(known)
})

test('a session that somebody brought along counts for nothing after sign-in', async () => {
  const planted = `__Host-skerry-session=${'A'.repeat(43)}`
  const answer = await asBrowser(hub, planted)('POST', '/v1/account/session', {
    email: 'olga@example.com',
    password: PASSWORD,
  })
  expect(cookieOf(answer)).not.toBe(planted)
  expect((await asBrowser(hub, planted)('GET', '/v1/me')).body.code).toBe('session_ended')
  const second = await asBrowser(hub, cookieOf(answer))('POST', '/v1/account/session', {
    email: 'olga@example.com',
    password: PASSWORD,
  })
  expect((await asBrowser(hub, cookieOf(answer))('GET', '/v1/me')).body.code).toBe('session_ended')
  expect((await asBrowser(hub, cookieOf(second))('GET', '/v1/me')).status).toBe(200)
})

test.each<[string, Record<string, string>]>([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another host of the same site', { 'sec-fetch-site': 'same-site' }],
  ['a browser that says nothing', {}],
  ['another origin', { ...ownPage, origin: 'https://evil.example' }],
])('%s can neither use a cookie, nor sign anybody in or out', async (_, headers) => {
  later()
  await asOwner()
  const from = (method: string, path: string, body?: unknown) =>
    hub.ask(method, path, { key: null, body, headers: { cookie: ownerCookie, ...headers } })
  const credentials = { email: 'olga@example.com', password: PASSWORD }
  for (const answer of [
    await from('PUT', '/v1/sites/evil', { kind: 'edge' }),
    await from('POST', '/v1/account/session', credentials),
    await from('PUT', '/v1/account/password', { password: PASSWORD, newPassword: 'another long password' }),
    await from('POST', '/v1/account', { invitation: hub.invitation, ...credentials, name: 'x' }),
    await from('DELETE', '/v1/session'),
  ])
    expect(answer).toMatchObject({ status: 403, body: { code: 'origin_refused' } })
  expect((await asBrowser(hub, ownerCookie)('GET', '/v1/me')).status).toBe(200)
})

test('a cookie that was forged, cut, or replayed after sign-out is refused', async () => {
  later()
  await asOwner()
  const value = ownerCookie.split('=')[1] ?? ''
  for (const forged of [
    value.slice(0, -1),
    `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`,
    `${value}.x`,
    '',
  ]) {
    const answer = await asBrowser(hub, `__Host-skerry-session=${forged}`)('GET', '/v1/me')
    expect(answer.status, forged).toBe(401)
  }
  expect((await asBrowser(hub, ownerCookie)('DELETE', '/v1/session')).status).toBe(200)
  expect((await asBrowser(hub, ownerCookie)('GET', '/v1/me')).body.code).toBe('session_ended')
  expect(await trail('action=session.end')).toContainEqual({ action: 'session.end', result: 'ok', kind: 'user' })
})

test('a role counts from the next request on, and so does its end', async () => {
  later()
  const owner = await asOwner()
  const cookie = await newPerson(hub, 'vera@example.com')
  const vera = asBrowser(hub, cookie)
  const id = await idOf('vera@example.com')
  const site = () => vera('PUT', '/v1/sites/oslo', { kind: 'edge' })
  expect(await site()).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
  expect((await owner('PUT', `/v1/users/${id}/role`, { role: 'owner' })).status).toBe(200)
  expect((await site()).status).toBe(200)
  const sessions = (await owner('GET', `/v1/users/${id}/sessions`)).body.rows as { id: string }[]
  expect((await owner('DELETE', `/v1/users/${id}/sessions/${sessions[0]?.id}`)).status).toBe(200)
  expect((await vera('GET', '/v1/me')).body.code).toBe('session_ended')
  const again = asBrowser(hub, cookieOf(await signIn(hub, 'vera@example.com')))
  expect((await owner('DELETE', `/v1/users/${id}`)).status).toBe(200)
  expect((await again('GET', '/v1/me')).body.code).toBe('session_ended')
  expect((await signIn(hub, 'vera@example.com')).status).toBe(401)
})

test('somebody stays owner, and nobody is given more than the giver has', async () => {
  later()
  const owner = await asOwner()
  const id = await idOf('olga@example.com')
  expect((await owner('DELETE', `/v1/users/${id}`)).body.code).toBe('owner_last')
  expect((await owner('PUT', `/v1/users/${id}/role`, { role: 'viewer' })).body.code).toBe('owner_last')
})

test('a new password ends all other sessions, needs the old one, and may not be easy', async () => {
  later()
  const first = await newPerson(hub, 'paul@example.com')
  const paul = asBrowser(hub, first)
  const second = cookieOf(await signIn(hub, 'paul@example.com'))
  const change = (body: object) => paul('PUT', '/v1/account/password', body)
  expect((await change({ password: 'not my password', newPassword: 'grey boats in the fog' })).body.code).toBe(
    'sign_in_refused',
  )
  expect((await change({ password: PASSWORD, newPassword: 'paul@example.com' })).body.code).toBe('password_weak')
  expect((await change({ password: PASSWORD, newPassword: 'short' })).body.code).toBe('input_invalid')
  expect((await change({ password: PASSWORD, newPassword: 'grey boats in the fog' })).status).toBe(200)
  expect((await asBrowser(hub, second)('GET', '/v1/me')).body.code).toBe('session_ended')
  expect((await paul('GET', '/v1/me')).status).toBe(200)
  expect((await signIn(hub, 'paul@example.com')).status).toBe(401)
  expect((await signIn(hub, 'paul@example.com', { password: 'grey boats in the fog' })).status).toBe(200)
})

test('an invitation counts for its address, its uses and its time', async () => {
  later()
  const owner = await asOwner()
  const invite = async (body: object) => (await owner('POST', '/v1/invitations', { role: 'viewer', ...body })).body
  const take = async (link: unknown, email: string) =>
    (
      await asBrowser(hub)('POST', '/v1/account', {
        invitation: String(link).split('#invitation=')[1],
        email,
        name: 'New',
        password: PASSWORD,
      })
    ).body.code ?? 'ok'
  const named = await invite({ email: 'ina@example.com' })
  expect([await take(named.link, 'eve@example.com'), await take(named.link, 'ina@example.com')]).toEqual([
    'invitation_refused',
    'ok',
  ])
  const twice = await invite({ usesMax: 2 })
  const codes = await Promise.all(['a1', 'a2', 'a3'].map((name) => take(twice.link, `${name}@example.com`)))
  expect(codes.toSorted()).toEqual(['invitation_refused', 'ok', 'ok'])
  const short = await invite({ expiresInSeconds: 60 })
  later(61_000)
  expect(await take(short.link, 'late@example.com')).toBe('invitation_refused')
  const back = (await invite({})) as { link: string; invitation: { id: string } }
  expect((await owner('DELETE', `/v1/invitations/${back.invitation.id}`)).status).toBe(200)
  expect(await take(back.link, 'back@example.com')).toBe('invitation_refused')
})

test('a session ends after twelve hours', async () => {
  const owner = await asOwner()
  later(12 * 3_600_000 - 1)
  expect((await owner('GET', '/v1/me')).status).toBe(200)
  later(1)
  expect((await owner('GET', '/v1/me')).body.code).toBe('session_ended')
})
