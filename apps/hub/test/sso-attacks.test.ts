import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT, type OidcServer, visit } from './oidc-server.ts'
import { asBrowser } from './person.ts'
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
    const [own, other] = [await at.begin(), await at.begin()]
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
    const [atPlant, atOffice] = [await at.begin('plant'), await at.begin('office')]
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
      ...{ status: 502, body: { code: 'provider_unreachable' } },
    })
  })

  test('one that nobody named is unknown', async () => {
    const answer = await asBrowser(at.hub)('POST', '/v1/account/providers/other', {})
    expect(answer).toMatchObject({ status: 404, body: { code: 'provider_unknown' } })
  })
})
