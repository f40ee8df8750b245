/** Attacks on people's sessions, passwords and roles, each with the refusal that it meets. */
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiOperations, exampleRequest } from '../stage/api-request.ts'
import { makeThings } from '../stage/made-things.ts'
import { asBrowser, cookieOf, joinPerson, newPerson, ownPage, PASSWORD, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

const { operations, resolve } = await apiOperations()
/** All but what a machine begins that has nobody's cookie: a person has to agree to it, and that is among them. */
const changing = operations.filter(({ name, method }) => method !== 'get' && name !== 'account.beginLogin')

let hub: TestHub
let olga: string
let things: Record<string, string>
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  olga = await joinPerson(hub, 'olga@example.com', hub.invitation)
  const made = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', { body: { name: 'other', role: 'viewer' } })
  things = await makeThings(hub, made.body.key.id)
})
afterAll(() => hub[Symbol.asyncDispose]())

/** Whoever fails often has to wait; here time passes. */
const later = (ms = 3_600_000) => {
  nowMs += ms
}

const secretOf = (cookie: string) => cookie.split('=')[1] ?? ''
const meWith = async (cookie: string) => (await asBrowser(hub, cookie)('GET', '/v1/me')).body.code ?? 'ok'

type Found = { rows: { id: string; email: string }[] }
const idOf = async (email: string) =>
  (await hub.ask<Found>('GET', '/v1/users')).body.rows.find((row) => row.email === email)?.id ?? ''

/** What is for devices, which have no cookie, is judged by what they have instead. What is open to all is parsed before anybody is looked at. */
const codesOf = (name: string) => {
  if (name === 'device.join') return ['token_refused']
  if (name === 'device.rejoin') return ['certificate_invalid']
  return ['origin_refused', ...(/^(account|session)\./.test(name) ? ['input_invalid'] : [])]
}

describe('a cookie', () => {
  test.each(changing)('of a person does nothing from a foreign page: $name', async (operation) => {
    const { method, path, body } = exampleRequest(operation, resolve, things)
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'https://evil.example', 'x-skerry-session': '1' },
    ]) {
      const answer = await hub.ask<{ code?: string }>(method, path, {
        key: null,
        body,
        headers: { cookie: olga, ...headers },
      })
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
      expect(codesOf(operation.name), answer.text).toContain(answer.body.code)
    }
    expect(await meWith(olga)).toBe('ok')
  })

  test('counts under its own name only, and none that is planted beside it takes its place', async () => {
    const value = secretOf(olga)
    expect(await meWith(`skerry-session=${value}`)).toBe('key_missing')
    expect(await meWith(`__Secure-skerry-session=${value}`)).toBe('key_missing')
    expect(await meWith(`__host-skerry-session=${value}`)).toBe('key_missing')
    expect(await meWith(`__Host-skerry-session=${value}${'A'.repeat(4_000)}`)).toBe('key_missing')
    expect(await meWith(`__Host-skerry-session=${encodeURIComponent(`${value}' OR '1'='1`)}`)).toBe('key_missing')
    expect(await meWith(`a=b; ${olga}`)).toBe('ok')
  })

  test('cannot be made of what a stolen database holds', async () => {
    const rows = await hub.hub.store.db.selectFrom('user_sessions').selectAll().execute()
    expect(rows.length).toBeGreaterThan(0)
    for (const { id, token } of rows) {
      for (const stolen of [id, token, Buffer.from(token, 'hex').toString('base64url')]) {
        expect(await meWith(`__Host-skerry-session=${stolen}`)).not.toBe('ok')
      }
    }
  })

  test('of before is worth nothing to somebody who was removed and came again', async () => {
    later()
    const before = await newPerson(hub, 'rita@example.com')
    await hub.ask('DELETE', `/v1/users/${await idOf('rita@example.com')}`)
    const again = await newPerson(hub, 'rita@example.com')
    expect([await meWith(before), await meWith(again)]).toEqual(['session_ended', 'ok'])
  })

  test('that is stolen neither changes the password nor finds it out', async () => {
    later()
    const stolen = await newPerson(hub, 'tom@example.com')
    const ask = asBrowser(hub, stolen)
    const codes = []
    for (let count = 0; count < 7; count++) {
      const body = { password: `guess number ${count}`, newPassword: 'the thief was here' }
      codes.push((await ask('PUT', '/v1/account/password', body)).body)
    }
    expect(codes.every(({ code }) => code === 'sign_in_refused')).toBe(true)
    expect(codes.at(-1)).toMatchObject({ data: { retryAfterMs: 30_000 } })
    // It counts for every door at once: not even the right one opens another now.
    expect((await ask('POST', '/v1/account/second-factor', { password: PASSWORD })).body.code).toBe('sign_in_refused')
    later(31_000)
    expect((await signIn(hub, 'tom@example.com')).status).toBe(200)
  })

  test('that somebody planted before the sign-in is not the one after it, and ends nobody', async () => {
    later()
    const mallory = await newPerson(hub, 'mallory@example.com')
    const victim = await asBrowser(hub, mallory)('POST', '/v1/account/session', {
      email: 'olga@example.com',
      password: PASSWORD,
    })
    expect(secretOf(cookieOf(victim))).not.toBe(secretOf(mallory))
    expect(await meWith(mallory)).toBe('session_ended')
    expect(await meWith(olga)).toBe('ok')
  })
})

describe('a guesser', () => {
  test(
    'with forty connections keeps nobody from signing in',
    deep('forty sign-ins cost a core; people.test.ts locks a guesser out'),
    async () => {
      later()
      const stop = new AbortController()
      const codes = new Set<unknown>()
      const flood = async (index: number) => {
        for (let count = 0; !stop.signal.aborted; count++) {
          const body = { email: `flood-${index}-${count}@example.com`, password: 'Summer of 2026!' }
          codes.add((await asBrowser(hub, undefined, '127.0.0.2')('POST', '/v1/account/session', body)).body.code)
        }
      }
      const flooding = Array.from({ length: 40 }, (_, index) => flood(index))
      await expect.poll(() => codes.has('hub_busy')).toBe(true)
      const statuses = []
      for (let count = 0; count < 3; count++) statuses.push((await signIn(hub, 'olga@example.com')).status)
      stop.abort()
      await Promise.all(flooding)
      expect(statuses).toEqual([200, 200, 200])
    },
  )

  test(
    'who tries many addresses from one place is slowed down, and nobody else who comes from there',
    deep('many sign-ins cost a core; people.test.ts locks a guesser out'),
    async () => {
      later()
      const codes = []
      for (let count = 0; count < 54; count++) {
        codes.push((await signIn(hub, `person-${count}@example.com`, { password: 'Summer of 2026!' })).body.code)
      }
      expect([codes[0], codes.at(-1)]).toEqual(['sign_in_refused', 'rate_limited'])
      expect((await signIn(hub, 'olga@example.com')).status).toBe(200)
    },
  )

  test.each([
    ['invitations', 'POST', '/v1/account', 'invitation_refused'],
    ['links of letters', 'PUT', '/v1/account/password-reset', 'reset_refused'],
  ])('of %s is slowed down', async (_, method, path, code) => {
    later()
    const codes = []
    for (let count = 0; count < 54; count++) {
      const secret = `${String(count).padStart(2, '0')}${'A'.repeat(41)}`
      const body =
        code === 'reset_refused'
          ? { reset: secret, password: PASSWORD }
          : { invitation: `si_aaaaaaaa_${secret}`, email: 'eve@example.com', name: 'Eve', password: PASSWORD }
      codes.push((await asBrowser(hub)(method, path, body)).body.code)
    }
    expect([codes[0], codes.at(-1)]).toEqual([code, 'rate_limited'])
  })

  test('of the code that proves an authenticator has no more tries than anybody', async () => {
    later()
    const ask = asBrowser(hub, await newPerson(hub, 'otto@example.com'))
    await ask('POST', '/v1/account/second-factor', { password: PASSWORD })
    const answers = []
    for (let count = 0; count < 7; count++) {
      answers.push((await ask('PUT', '/v1/account/second-factor', { code: String(100_000 + count) })).body)
    }
    expect(answers.at(-1)).toMatchObject({ code: 'sign_in_refused', data: { retryAfterMs: 30_000 } })
  })
})

describe('a person', () => {
  test('without the permission changes neither the own role nor that of others, by whatever words', async () => {
    later()
    const cookie = await newPerson(hub, 'ed@example.com', 'editor')
    const ask = asBrowser(hub, cookie)
    const own = await idOf('ed@example.com')
    expect((await ask('PUT', `/v1/users/${own}/role`, { role: 'owner' })).body.code).toBe('permission_denied')
    expect((await ask('POST', '/v1/invitations', { role: 'viewer' })).body.code).toBe('permission_denied')
    expect((await ask('PUT', '/v1/sign-in-rules', { secondFactorFor: [] })).body.code).toBe('permission_denied')
    const more = { password: PASSWORD, newPassword: 'grey boats in the fog', role: 'owner' }
    expect((await ask('PUT', '/v1/account/password', more)).body.code).toBe('input_invalid')
    expect((await ask('GET', '/v1/me')).body).toMatchObject({ roles: ['editor'] })
  })

  test('who manages people manages nobody above: an administrator against an owner', async () => {
    later()
    await newPerson(hub, 'otis@example.com', 'owner')
    const ask = asBrowser(hub, await newPerson(hub, 'adam@example.com', 'administrator'))
    const own = await idOf('adam@example.com')
    const other = await idOf('otis@example.com')
    const { rows } = (await ask('GET', `/v1/users/${other}/sessions`)).body as { rows: { id: string }[] }
    for (const [method, path, body] of [
      ['PUT', `/v1/users/${own}/role`, { role: 'owner' }],
      ['PUT', `/v1/users/${other}/role`, { role: 'viewer' }],
      ['DELETE', `/v1/users/${other}`, undefined],
      ['DELETE', `/v1/users/${other}/sessions/${rows[0]?.id}`, undefined],
      ['POST', '/v1/invitations', { role: 'owner' }],
    ] as const)
      expect((await ask(method, path, body)).body.code, `${method} ${path}`).toBe('role_refused')
  })

  test("ends no session of others as if it were the own, and does not see another's", async () => {
    later()
    const ask = asBrowser(hub, await newPerson(hub, 'vic@example.com'))
    const { rows } = (
      await hub.ask<{ rows: { id: string }[] }>('GET', `/v1/users/${await idOf('olga@example.com')}/sessions`)
    ).body
    expect((await ask('DELETE', `/v1/account/sessions/${rows[0]?.id}`)).body.code).toBe('session_unknown')
    const own = (await ask('GET', '/v1/account/sessions')).body.rows as { id: string }[]
    expect(own).toHaveLength(1)
    expect(rows.map(({ id }) => id)).not.toContain(own[0]?.id)
    expect((await ask('GET', `/v1/users/${await idOf('olga@example.com')}/sessions`)).body.code).toBe(
      'permission_denied',
    )
  })

  test('with a key beside the cookie is the key alone', async () => {
    const headers = { cookie: olga, ...ownPage }
    expect((await hub.ask('GET', '/v1/account', { headers })).body).toMatchObject({ code: 'account_missing' })
    expect((await hub.ask('GET', '/v1/me', { key: 'nonsense', headers })).body).toMatchObject({ code: 'key_invalid' })
  })
})
