import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authenticator, newAuthenticator } from '../stage/authenticator.ts'
import {
  asBrowser,
  authenticatorCode,
  cookieOf,
  joinPerson,
  newPerson,
  PASSWORD,
  type Reply,
  signIn,
} from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

type Row = { id: string; name: string; isSynced: boolean; lastUsedAtMs?: number }
type Asked = { challenge: string; rp: { id: string }; user: { id: string }; excludeCredentials: { id: string }[] }
type Lie = Parameters<Authenticator['sign']>[1]

let hub: TestHub
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ host: 'localhost', clock: { ...systemClock, nowMs: () => nowMs } })
  await joinPerson(hub, 'olga@example.com', hub.invitation)
})
afterAll(() => hub[Symbol.asyncDispose]())

const later = (ms = 3_600_000) => {
  nowMs += ms
}

const cookiesOf = ({ headers }: Reply) => [headers['set-cookie']].flat().map((text) => String(text).split(';')[0] ?? '')
const sessionOf = (reply: Reply) => cookiesOf(reply).find((text) => text.includes('-session=')) ?? ''

/** Begins, and keeps what the browser keeps. */
async function begin(session: string) {
  const reply = await asBrowser(hub, session)('POST', '/v1/account/passkeys', {})
  expect(reply.status, reply.text).toBe(200)
  return { asked: reply.body as unknown as Asked, cookie: `${session}; ${cookieOf(reply)}` }
}

async function add(session: string, authenticator = newAuthenticator(hub.url), lie?: Lie): Promise<Reply> {
  const { asked, cookie } = await begin(session)
  const body = { name: 'blue key', passkey: authenticator.make(asked, lie) }
  return asBrowser(hub, cookie)('PUT', '/v1/account/passkeys', body)
}

async function beginSignIn() {
  const reply = await asBrowser(hub)('POST', '/v1/account/passkey-session', {})
  expect(reply.status, reply.text).toBe(200)
  return { asked: reply.body as unknown as Asked, cookie: cookieOf(reply) }
}

const finish = (cookie: string, passkey: object) =>
  asBrowser(hub, cookie)('PUT', '/v1/account/passkey-session', { passkey })

async function enter(authenticator: Authenticator, lie?: Lie): Promise<Reply> {
  const { asked, cookie } = await beginSignIn()
  return finish(cookie, authenticator.sign(asked, lie))
}

const list = async (session: string) =>
  (await asBrowser(hub, session)('GET', '/v1/account/passkeys')).body.rows as unknown as Row[]

type AuditRow = { action: string; result: string; detail: Record<string, unknown> }
const newest = async (query: string) =>
  (await hub.ask<{ rows: AuditRow[] }>('GET', `/v1/audit?newestFirst=true&limit=1&${query}`)).body.rows[0]

/** Somebody with a passkey. */
async function withPasskey(email: string, role?: string) {
  later()
  const session = await newPerson(hub, email, role)
  const authenticator = newAuthenticator(hub.url)
  const added = await add(session, authenticator)
  expect(added.status, added.text).toBe(200)
  return { session, authenticator, id: String(added.body.id) }
}

describe('a passkey', () => {
  test('is added by its person, signs in without a password and counts as two factors; each step is in the trail', async () => {
    const { session, authenticator, id } = await withPasskey('ann@example.com')
    expect(await list(session)).toMatchObject([{ id, name: 'blue key', isSynced: false }])
    expect(await newest('action=account.addPasskey')).toMatchObject({ detail: { passkey: id, name: 'blue key' } })
    const reply = await enter(authenticator)
    expect(reply.status, reply.text).toBe(200)
    const mine = sessionOf(reply)
    expect((await asBrowser(hub, mine)('GET', '/v1/me')).body).toMatchObject({ kind: 'user', name: 'ann' })
    expect((await list(mine))[0]?.lastUsedAtMs).toBe(nowMs)
    expect(await newest('action=account.signIn')).toMatchObject({
      result: 'ok',
      detail: { method: 'passkey', isMultiFactor: true },
    })
    expect((await asBrowser(hub, mine)('GET', '/v1/account/sessions')).body.rows).toContainEqual(
      expect.objectContaining({ method: 'passkey', isThis: true }),
    )
    expect((await begin(mine)).asked.excludeCredentials.map((each) => each.id)).toEqual([authenticator.id])
    const { rows } = (await hub.ask<{ rows: { email: string; passkeys: number }[] }>('GET', '/v1/users')).body
    expect(rows.find(({ email }) => email === 'ann@example.com')).toMatchObject({ passkeys: 1, hasSecondFactor: true })
  })

  test('is renamed and removed by its person only, and removing it ends what was begun with a passkey', async () => {
    const { session, authenticator, id } = await withPasskey('bob@example.com')
    const other = await newPerson(hub, 'eve@example.com')
    const path = `/v1/account/passkeys/${id}`
    expect((await asBrowser(hub, other)('PUT', path, { name: 'mine' })).body.code).toBe('passkey_unknown')
    expect((await asBrowser(hub, other)('DELETE', path)).body.code).toBe('passkey_unknown')
    expect((await asBrowser(hub, session)('PUT', path, { name: 'red key' })).status).toBe(200)
    expect(await newest('action=account.renamePasskey')).toMatchObject({ detail: { from: 'blue key', to: 'red key' } })
    const begun = sessionOf(await enter(authenticator))
    expect((await asBrowser(hub, session)('DELETE', path)).status).toBe(200)
    expect(await newest('action=account.removePasskey')).toMatchObject({ detail: { passkey: id, name: 'red key' } })
    expect((await asBrowser(hub, begun)('GET', '/v1/me')).body.code).toBe('session_ended')
    expect((await enter(authenticator)).body.code).toBe('passkey_refused')
    expect(await list(session)).toEqual([])
  })

  test('waits for nobody: whoever guesses at the password keeps its owner out of nothing', async () => {
    const { authenticator } = await withPasskey('cay@example.com')
    for (let count = 0; count < 6; count++) await signIn(hub, 'cay@example.com', { password: `guess number ${count}` })
    expect((await signIn(hub, 'cay@example.com')).body.code).toBe('sign_in_refused')
    expect((await enter(authenticator)).status).toBe(200)
  })

  test('goes with its person', async () => {
    const { authenticator } = await withPasskey('dan@example.com')
    const { rows } = (await hub.ask<{ rows: { id: string; email: string }[] }>('GET', '/v1/users')).body
    const id = rows.find(({ email }) => email === 'dan@example.com')?.id
    expect((await hub.ask('DELETE', `/v1/users/${id}`)).status).toBe(200)
    expect((await enter(authenticator)).body.code).toBe('passkey_refused')
    const { db } = hub.hub.store
    expect(await db.selectFrom('passkeys').selectAll().where('credential_id', '=', authenticator.id).execute()).toEqual(
      [],
    )
  })
})

describe('refused is', () => {
  const foreign = 'https://hub.example.com'
  test.each<[string, Lie]>([
    ['another origin', { origin: foreign }],
    ['another relying party', { rpId: 'hub.example.com' }],
    ['another challenge', { challenge: 'A'.repeat(43) }],
    ['a new key in place of a signature', { type: 'webauthn.create' }],
    ['somebody whom the authenticator has not verified', { isVerified: false }],
    ['a counter that does not go on', { counter: 0 }],
    [
      'a passkey that is said to be of another person',
      { userHandle: Buffer.from('usr_aaaaaaaa').toString('base64url') },
    ],
    ['a wrong signature', { signature: Buffer.alloc(70, 1) }],
  ])('%s at sign-in, with the reason in the trail', async (what, lie) => {
    const email = `${what.replaceAll(/[^a-z]/g, '')}@example.com`
    const { authenticator } = await withPasskey(email)
    expect((await enter(authenticator)).status).toBe(200)
    const reply = await enter(authenticator, lie)
    expect(reply).toMatchObject({ status: 403, body: { code: 'passkey_refused' } })
    expect(sessionOf(reply)).toBe('')
    const record = await newest('action=account.signIn')
    expect(record).toMatchObject({ result: 'passkey_refused', detail: { method: 'passkey' } })
    expect(String(record?.detail.reason).length).toBeGreaterThan(10)
    expect((await enter(authenticator)).status).toBe(200)
  })

  test.each<[string, Lie]>([
    ['another origin', { origin: foreign }],
    ['another relying party', { rpId: 'hub.example.com' }],
    ['another challenge', { challenge: 'A'.repeat(43) }],
    ['somebody whom the authenticator has not verified', { isVerified: false }],
    ['an attestation that nobody asked for', { format: 'tpm' }],
  ])('%s when one is added', async (_, lie) => {
    later()
    const cookie = cookieOf(await signIn(hub, 'olga@example.com'))
    expect(await add(cookie, newAuthenticator(hub.url), lie)).toMatchObject({
      status: 403,
      body: { code: 'passkey_refused' },
    })
    expect(await list(cookie)).toEqual([])
  })

  test('a challenge that was answered before, of another browser, for another purpose, or of long ago', async () => {
    const { session, authenticator } = await withPasskey('fay@example.com')
    const { asked, cookie } = await beginSignIn()
    const signed = authenticator.sign(asked)
    // Before the browser that began has answered: without its cookie it counts for nothing.
    expect((await finish('', signed)).body.code).toBe('passkey_refused')
    expect((await finish((await beginSignIn()).cookie, signed)).body.code).toBe('passkey_refused')
    expect((await finish(cookie, signed)).status).toBe(200)
    expect((await finish(cookie, signed)).body.code).toBe('passkey_refused')
    const adding = await begin(session)
    expect((await finish(adding.cookie, authenticator.sign(adding.asked))).body.code).toBe('passkey_refused')
    const old = await beginSignIn()
    later(600_000)
    expect((await finish(old.cookie, authenticator.sign(old.asked))).body.code).toBe('passkey_refused')
  })

  test('a failed try uses its challenge up', async () => {
    const { authenticator } = await withPasskey('gil@example.com')
    const { asked, cookie } = await beginSignIn()
    expect((await finish(cookie, authenticator.sign(asked, { origin: foreign }))).body.code).toBe('passkey_refused')
    expect((await finish(cookie, authenticator.sign(asked))).body.code).toBe('passkey_refused')
  })

  test('two browsers that answer with one count of the authenticator', async () => {
    const { authenticator } = await withPasskey('hal@example.com')
    const one = await beginSignIn()
    const two = await beginSignIn()
    const both = await Promise.all(
      [one, two].map(({ asked, cookie }) => finish(cookie, authenticator.sign(asked, { counter: 7 }))),
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 403])
  })

  test("a passkey that somebody has already, and another person's attempt", async () => {
    const { authenticator } = await withPasskey('ida@example.com')
    const thief = await newPerson(hub, 'tom@example.com')
    expect((await add(thief, authenticator)).body.code).toBe('passkey_exists')
    const { asked, cookie } = await begin(await newPerson(hub, 'uma@example.com'))
    const ticket = cookie.split('; ')[1]
    const body = { name: 'theirs', passkey: newAuthenticator(hub.url).make(asked) }
    expect((await asBrowser(hub, `${thief}; ${ticket}`)('PUT', '/v1/account/passkeys', body)).body.code).toBe(
      'passkey_refused',
    )
    expect(await list(thief)).toEqual([])
  })

  test('more than twenty', async () => {
    later()
    const session = await newPerson(hub, 'max@example.com')
    for (let count = 0; count < 20; count++) expect((await add(session)).status).toBe(200)
    expect((await asBrowser(hub, session)('POST', '/v1/account/passkeys', {})).body.code).toBe('passkeys_full')
  })

  test('a page of elsewhere, and a session of long ago', async () => {
    const { session, authenticator, id } = await withPasskey('jon@example.com')
    const { asked, cookie } = await beginSignIn()
    const headers = { cookie, 'sec-fetch-site': 'cross-site', origin: foreign }
    const body = { passkey: authenticator.sign(asked) }
    const stolen = await hub.ask('PUT', '/v1/account/passkey-session', { key: null, body, headers })
    expect(stolen.body).toMatchObject({ code: 'origin_refused' })
    later(900_000)
    const ask = asBrowser(hub, session)
    expect((await ask('POST', '/v1/account/passkeys', {})).body.code).toBe('session_stale')
    expect((await ask('DELETE', `/v1/account/passkeys/${id}`)).body.code).toBe('session_stale')
    expect((await asBrowser(hub)('GET', '/v1/account/passkeys')).body.code).toBe('key_missing')
  })
})

describe('where a second factor is asked for', () => {
  async function changesNothing(byPassword: ReturnType<typeof asBrowser>, id: string) {
    for (const [method, path, body] of [
      ['POST', '/v1/account/passkeys', {}],
      ['DELETE', `/v1/account/passkeys/${id}`, undefined],
      ['POST', '/v1/account/second-factor', { password: PASSWORD }],
    ] as const) {
      expect((await byPassword(method, path, body)).body.code, path).toBe('second_factor_required')
    }
  }

  test('a passkey is one; a password alone neither gets in, nor adds or removes what is missing', async () => {
    const { authenticator, id } = await withPasskey('kim@example.com', 'editor')
    await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['editor'] } })
    const byPassword = asBrowser(hub, cookieOf(await signIn(hub, 'kim@example.com')))
    expect((await byPassword('GET', '/v1/models')).body.code).toBe('second_factor_required')
    expect((await byPassword('GET', '/v1/account')).body).toMatchObject({ needsSecondFactor: true, passkeys: 1 })
    await changesNothing(byPassword, id)
    const byPasskey = asBrowser(hub, sessionOf(await enter(authenticator)))
    expect((await byPasskey('GET', '/v1/models')).status).toBe(200)
    // Whoever has none yet sets one up, and is in.
    const newcomer = await newPerson(hub, 'lea@example.com', 'editor')
    expect((await asBrowser(hub, newcomer)('GET', '/v1/models')).body.code).toBe('second_factor_required')
    expect((await add(newcomer)).status).toBe(200)
    expect((await asBrowser(hub, newcomer)('GET', '/v1/models')).status).toBe(200)
    await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] } })
  })

  test('a passkey counts also where none is asked for: a password alone adds nothing beside it', async () => {
    const { id } = await withPasskey('pia@example.com')
    const byPassword = asBrowser(hub, cookieOf(await signIn(hub, 'pia@example.com')))
    expect((await byPassword('GET', '/v1/models')).status).toBe(200)
    await changesNothing(byPassword, id)
  })

  test('an authenticator app beside it goes on being asked for with the password', async () => {
    const { session, authenticator } = await withPasskey('ned@example.com')
    const ask = asBrowser(hub, session)
    const { secret } = (await ask('POST', '/v1/account/second-factor', { password: PASSWORD })).body
    await ask('PUT', '/v1/account/second-factor', { code: authenticatorCode(String(secret), nowMs) })
    expect((await signIn(hub, 'ned@example.com')).body.code).toBe('second_factor_missing')
    expect((await enter(authenticator)).status).toBe(200)
  })
})

test('a hub that is reached by a number has no passkeys, and says why', async () => {
  await using numbered = await startTestHub()
  const session = await joinPerson(numbered, 'olga@example.com', numbered.invitation)
  expect(await asBrowser(numbered, session)('POST', '/v1/account/passkeys', {})).toMatchObject({
    status: 409,
    body: { code: 'passkey_unavailable' },
  })
  expect((await asBrowser(numbered)('POST', '/v1/account/passkey-session', {})).body.code).toBe('passkey_unavailable')
})
