import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { asBrowser, cookieOf, joinPerson, newPerson, signIn } from '../stage/person.ts'
import { CLIENT, type OidcServer, visit } from './oidc-server.ts'
import { person, type SsoHub, sessionOf, startSsoHub } from './sso-hub.ts'

let at: SsoHub
beforeAll(async () => {
  at = await startSsoHub()
})
afterAll(() => at[Symbol.asyncDispose]())
afterEach(() => {
  for (const server of [at.plant, at.office]) Object.assign(server, { forge: undefined, bend: undefined })
  // Whoever fails often has to wait; here time passes between two tests.
  at.later(120_000)
})

describe('JWT and OIDC confusion is refused, without a session, and the trail tells of it:', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claimsIn = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
  const headerIn = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as object
  const signed = (header: object, claims: object, key: KeyObject = at.plant.privateKey) => {
    const text = `${part(header)}.${part(claims)}`
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
  const hashed = (header: object, claims: object, key: string) => {
    const text = `${part(header)}.${part(claims)}`
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  }
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = () =>
    createPublicKey(at.plant.privateKey.export({ type: 'pkcs8', format: 'pem' }))
      .export({ type: 'spki', format: 'pem' })
      .toString()
  const more = (change: object) => (token: string) => signed(headerIn(token), { ...claimsIn(token), ...change })
  const none = { alg: 'none' }

  const forgeries: [string, (token: string) => string][] = [
    ['no signature (alg none)', (token) => `${part(none)}.${part(claimsIn(token))}.`],
    ['no signature (alg None)', (token) => `${part({ alg: 'None' })}.${part(claimsIn(token))}.`],
    ['the signature cut off', (token) => `${token.split('.').slice(0, 2).join('.')}.`],
    [
      'HS256 with the public key as its secret',
      (token) => hashed({ alg: 'HS256', kid: 'first' }, claimsIn(token), pem()),
    ],
    ['HS256 with the client secret', (token) => hashed({ alg: 'HS256' }, claimsIn(token), CLIENT.secret)],
    ['another key under the same kid', (token) => signed(headerIn(token), claimsIn(token), stranger.privateKey)],
    [
      'a key that the token brings along (jwk)',
      (token) =>
        signed(
          { alg: 'RS256', jwk: stranger.publicKey.export({ format: 'jwk' }) },
          claimsIn(token),
          stranger.privateKey,
        ),
    ],
    [
      'a key at an address in the token (jku)',
      (token) => signed({ alg: 'RS256', kid: 'x', jku: at.office.issuer }, claimsIn(token), stranger.privateKey),
    ],
    [
      'a critical header that nobody knows',
      (token) => signed({ ...headerIn(token), crit: ['b64'], b64: false }, claimsIn(token)),
    ],
    [
      'changed claims under the old signature',
      (token) => [token.split('.')[0], part({ ...claimsIn(token), sub: 'sub-olga' }), token.split('.')[2]].join('.'),
    ],
    ['another issuer', more({ iss: 'https://evil.example' })],
    ['another audience', more({ aud: 'another-client' })],
    ['several audiences, and not made for us (azp)', more({ aud: ['skerry', 'other'], azp: 'other' })],
    ['a token that has expired', more({ exp: Math.floor(Date.now() / 1_000) - 3_600 })],
    ['a token without an end', more({ exp: undefined })],
    ['a token that counts from tomorrow', more({ nbf: Math.floor(Date.now() / 1_000) + 86_400 })],
    ['the nonce of another attempt', more({ nonce: 'A'.repeat(43) })],
    ['no nonce', more({ nonce: undefined })],
    ['nobody as subject', more({ sub: '' })],
    ['five parts', (token) => `${token}.a.b`],
    ['no token', () => ''],
  ]
  test.each(forgeries)('%s', async (_, forge) => {
    at.plant.person = person('ann')
    const begun = await at.begin()
    const answer = await visit(at.plant, begun.url, at.redirectUri)
    at.plant.forge = forge
    const reply = await at.finish(begun, answer)
    expect(reply).toMatchObject({ status: 403, body: { code: 'provider_refused' } })
    expect(sessionOf(reply)).toBe('')
    expect(await at.newest('action=account.signIn')).toMatchObject({
      result: 'provider_refused',
      detail: { provider: 'plant' },
    })
  })

  test('the forging machine itself makes tokens that count where nothing is wrong with them', async () => {
    at.plant.forge = more({})
    expect((await at.enter(person('ann'))).status).toBe(200)
  })

  test('another state, no state, two states', async () => {
    at.plant.person = person('ann')
    for (const bend of [
      (query: URLSearchParams) => query.set('state', 'A'.repeat(43)),
      (query: URLSearchParams) => query.delete('state'),
      (query: URLSearchParams) => query.append('state', 'x'),
      (query: URLSearchParams) => query.append('code', 'x'),
      (query: URLSearchParams) => query.set('error', 'access_denied'),
    ]) {
      const begun = await at.begin()
      const query = new URLSearchParams(await visit(at.plant, begun.url, at.redirectUri))
      bend(query)
      expect((await at.finish(begun, query.toString())).body).toMatchObject({ code: 'provider_refused' })
    }
  })

  test('an answer again, also in the moment of the first, and also where the provider would take the code twice', async () => {
    at.plant.person = person('ann')
    const begun = await at.begin()
    const answer = await visit(at.plant, begun.url, at.redirectUri)
    const both = await Promise.all([at.finish(begun, answer), at.finish(begun, answer)])
    expect(both.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    expect((await at.finish(begun, answer)).body).toMatchObject({ code: 'provider_refused' })
    const second = await at.begin()
    const fresh = await visit(at.plant, second.url, at.redirectUri)
    const replayed = new Map<string, Record<string, unknown>>()
    at.plant.bend = (path, body) => {
      if (path !== '/token') return body
      if ('id_token' in body) replayed.set(path, body)
      return replayed.get(path) ?? body
    }
    expect((await at.finish(second, fresh)).status).toBe(200)
    expect((await at.finish(second, fresh)).body).toMatchObject({ code: 'provider_refused' })
  })

  test("somebody else's answer in one's own browser, and a ticket that is made up, changed or too old", async () => {
    at.plant.person = person('ann')
    const own = await at.begin()
    const other = await at.begin()
    const answer = await visit(at.plant, own.url, at.redirectUri)
    expect((await at.finish(other, answer)).body).toMatchObject({ code: 'provider_refused' })
    const [name, ticket = ''] = own.cookie.split('=')
    for (const text of ['', 'A'.repeat(300), `${ticket.slice(0, -4)}AAAA`]) {
      expect((await at.finish({ cookie: `${name}=${text}` }, answer)).body).toMatchObject({ code: 'provider_refused' })
    }
    at.later(600_001)
    expect((await at.finish(own, answer)).body).toMatchObject({ code: 'provider_refused' })
  })

  test('the answer of another provider (mix-up), also without saying whose it is', async () => {
    at.office.person = person('ann')
    const atPlant = await at.begin('plant')
    const atOffice = await at.begin('office')
    const code = new URLSearchParams(await visit(at.office, atOffice.url, at.redirectUri)).get('code') ?? ''
    const state = new URL(atPlant.url).searchParams.get('state') ?? ''
    const asked = at.plant.asked.length
    for (const iss of [{ iss: at.office.issuer }, {}]) {
      const answer = new URLSearchParams({ code, state, ...iss }).toString()
      expect((await at.finish(atPlant, answer)).body).toMatchObject({ code: 'provider_refused' })
    }
    // The code of the one is not even shown to the other.
    expect(at.plant.asked.slice(asked)).not.toContain('/token')
  })

  test('a page of somebody else can neither begin nor finish', async () => {
    for (const [method, path] of [
      ['POST', '/v1/account/providers/plant'],
      ['PUT', '/v1/account/providers'],
    ] as const) {
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      const answer = await at.hub.ask<{ code: string }>(method, path, { key: null, body: { answer: '' }, headers })
      expect(answer.body.code).toMatch(/^(origin_refused|input_invalid)$/)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })
})

describe('a provider that is not as it should be', () => {
  const fresh = async (bend: OidcServer['bend']) => {
    // Its metadata is asked for anew.
    at.later(700_000)
    at.plant.bend = bend
    return asBrowser(at.hub)('POST', '/v1/account/providers/plant', {})
  }
  test.each([
    ['calls itself something else', (body: Record<string, unknown>) => ({ ...body, issuer: 'https://evil.example' })],
    [
      'signs with shared secrets only',
      (body: Record<string, unknown>) => ({ ...body, id_token_signing_alg_values_supported: ['HS256', 'none'] }),
    ],
    [
      'sends passwords over http',
      (body: Record<string, unknown>) => ({ ...body, authorization_endpoint: 'http://localhost/auth' }),
    ],
    ['says nothing', () => ({})],
  ])('%s', async (_, bend) => {
    expect(await fresh((path, body) => (path.startsWith('/.well-known') ? bend(body) : body))).toMatchObject({
      status: 502,
      body: { code: 'provider_unreachable' },
    })
  })

  test('one that nobody named is unknown', async () => {
    const answer = await asBrowser(at.hub)('POST', '/v1/account/providers/other', {})
    expect(answer).toMatchObject({ status: 404, body: { code: 'provider_unknown' } })
  })
})

describe("one organisation's provider and the people of another:", () => {
  let northKey: string
  beforeAll(async () => {
    northKey = await otherOrganisation(at.hub, 'plant-north')
  })

  const joinNorth = async (email: string) => {
    const invited = { body: { role: 'owner' }, key: northKey }
    const { body } = await at.hub.ask<{ link: string }>('POST', '/v1/invitations', invited)
    return joinPerson(at.hub, email, body.link.split('#invitation=')[1] ?? '')
  }
  const provedAddress = (email: string) =>
    at.hub.hub.store.transaction((tx) =>
      tx.updateTable('users').set({ email_verified: 1 }).where('email', '=', email).execute(),
    )
  const linksOf = (email: string) =>
    at.hub.hub.store.db
      .selectFrom('user_accounts')
      .innerJoin('users', 'users.id', 'user_accounts.user_id')
      .select('provider_id')
      .where('users.email', '=', email)
      .where('provider_id', '!=', 'credential')
      .execute()

  test('a provider does not link to an account of another organisation, though it vouches for the address', async () => {
    await joinNorth('nora@plant.example')
    await provedAddress('nora@plant.example')
    const reply = await at.enter(person('nora'))
    expect(reply).toMatchObject({ status: 409, body: { code: 'provider_unlinked' } })
    expect(sessionOf(reply)).toBe('')
    expect(await linksOf('nora@plant.example')).toEqual([])
  })

  test('a session of a provider adds, renames and removes no way in, and does not see sessions elsewhere', async () => {
    await newPerson(at.hub, 'ned@plant.example')
    const own = await joinNorth('ned@plant.example')
    await provedAddress('ned@plant.example')
    const entered = await at.enter(person('ned'))
    expect(entered.status, entered.text).toBe(200)
    const ask = asBrowser(at.hub, sessionOf(entered))
    const passkey = '/v1/account/passkeys/psk_aaaaaaaa'
    for (const [method, path, body] of [
      ['POST', '/v1/account/passkeys', {}],
      ['PUT', passkey, { name: 'mine' }],
      ['DELETE', passkey, undefined],
      ['POST', '/v1/account/providers/office', { purpose: 'link' }],
      ['DELETE', '/v1/account/providers/plant', undefined],
      ['PUT', '/v1/account/organisation', { organisation: 'plant-north' }],
    ] as const) {
      expect((await ask(method, path, body)).body.code, `${method} ${path}`).toBe('session_bound')
    }
    expect((await ask('GET', '/v1/account')).body).toMatchObject({ isBound: true })
    type Sessions = { rows: { id: string; isThis: boolean }[] }
    const all = (await asBrowser(at.hub, own)('GET', '/v1/account/sessions')).body as unknown as Sessions
    const inNorth = all.rows.find(({ isThis }) => isThis)?.id ?? ''
    const seen = (await ask('GET', '/v1/account/sessions')).body as unknown as Sessions
    expect(seen.rows.length).toBeGreaterThan(0)
    expect(seen.rows.map(({ id }) => id)).not.toContain(inNorth)
    expect((await ask('DELETE', `/v1/account/sessions/${inNorth}`)).body.code).toBe('session_unknown')
    expect((await asBrowser(at.hub, own)('GET', '/v1/me')).status).toBe(200)
    // The same person does all of it with the password.
    const byPassword = cookieOf(await signIn(at.hub, 'ned@plant.example'))
    expect((await asBrowser(at.hub, byPassword)('DELETE', '/v1/account/providers/plant')).status).toBe(200)
  })

  test('a provider neither resets the count of wrong passwords, nor pushes out places and sessions', async () => {
    const email = 'pam@plant.example'
    await newPerson(at.hub, email)
    const own = await joinNorth(email)
    await provedAddress(email)
    const places = () => at.hub.hub.store.db.selectFrom('known_places').selectAll().orderBy('place_hash').execute()
    const before = await places()
    for (let count = 0; count < 5; count++) await signIn(at.hub, email, { password: `guess number ${count}` })
    at.later(1)
    for (let count = 0; count < 21; count++) expect((await at.enter(person('pam'))).status).toBe(200)
    expect((await signIn(at.hub, email)).body.code).toBe('sign_in_refused')
    expect(await places()).toEqual(before)
    at.later(31_000)
    expect((await signIn(at.hub, email)).status).toBe(200)
    // Nor does the person's next sign-in, though all those sessions are newer.
    expect((await asBrowser(at.hub, own)('GET', '/v1/me')).status).toBe(200)
  })

  test('an account that a provider made has an unproved address everywhere but in its organisation', async () => {
    expect((await at.enter(person('pre'))).status).toBe(200)
    const { db } = at.hub.hub.store
    const row = db.selectFrom('users').selectAll().where('email', '=', 'pre@plant.example')
    expect(await row.executeTakeFirst()).toMatchObject({ email_verified: 0 })
    // A second provider of the same organisation is trusted as the first one is.
    expect((await at.enter(person('pre', { sub: 'office-pre' }), 'office')).status).toBe(200)
    expect(await linksOf('pre@plant.example')).toHaveLength(2)
  })
})
