import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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
import { visit } from './oidc-server.ts'
import { person, type SsoHub, sessionOf, startSsoHub } from './sso-hub.ts'

let at: SsoHub
beforeAll(async () => {
  at = await startSsoHub()
  await joinPerson(at.hub, 'olga@example.com', at.hub.invitation)
})
afterAll(() => at[Symbol.asyncDispose]())
afterEach(() => {
  for (const server of [at.plant, at.office]) Object.assign(server, { forge: undefined, bend: undefined })
  // Whoever fails often has to wait; here time passes between two tests.
  at.later(120_000)
})

const me = async (reply: Reply) => (await asBrowser(at.hub, sessionOf(reply))('GET', '/v1/me')).body

test("the providers are listed to whoever wants to sign in, without anything that is only the hub's", async () => {
  const answer = await asBrowser(at.hub)('GET', '/v1/account/providers')
  expect(answer.body).toEqual({
    rows: [
      { id: 'plant', label: 'Plant account' },
      { id: 'office', label: 'Office' },
    ],
  })
})

test('the browser is sent off with PKCE, state and nonce, and keeps a sealed ticket that no script can read', async () => {
  const answer = await asBrowser(at.hub)('POST', '/v1/account/providers/plant', {})
  const { searchParams: sent, origin } = new URL(String(answer.body.url))
  expect(origin).toBe(at.plant.issuer)
  expect(Object.fromEntries(sent)).toMatchObject({
    response_type: 'code',
    client_id: 'skerry',
    redirect_uri: at.redirectUri,
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^.{43}$/),
    nonce: expect.stringMatching(/^.{43}$/),
    scope: 'openid email profile groups',
  })
  const cookie = String(answer.headers['set-cookie'])
  expect(cookie).toMatch(/^__Host-skerry-attempt=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=600$/)
  const opened = Buffer.from(cookie.split(/[=;]/)[1] ?? '', 'base64url').toString('latin1')
  for (const secret of ['state', 'nonce']) expect(opened).not.toContain(sent.get(secret))
})

test('somebody new comes in by the groups, and the role follows them at each sign-in', async () => {
  const first = await at.enter(person('ann'))
  expect(first.body).toMatchObject({ purpose: 'signIn' })
  expect(await me(first)).toMatchObject({ kind: 'user', name: 'ann', roles: ['viewer'] })
  expect(await at.newest('action=account.join')).toMatchObject({
    detail: { method: 'provider:plant', isMultiFactor: false },
  })
  const again = await at.enter(person('ann', { groups: ['other', 'ml-admins'] }))
  expect(await me(again)).toMatchObject({ roles: ['administrator'] })
  expect(await at.newest('action=user.setRole')).toMatchObject({
    detail: { from: 'viewer', to: 'administrator', provider: 'plant' },
  })
  // The session that was there has the new role, too.
  expect(await me(first)).toMatchObject({ roles: ['administrator'] })
})

test('without a group with a role there is no way in, and whoever had one has no place any more', async () => {
  const first = await at.enter(person('bob'))
  const gone = await at.enter(person('bob', { groups: ['canteen'] }))
  expect(gone).toMatchObject({ status: 403, body: { code: 'person_refused' } })
  expect(sessionOf(gone)).toBe('')
  expect(await me(first)).toMatchObject({ code: 'session_ended' })
  expect(await at.newest('action=account.signIn')).toMatchObject({
    result: 'person_refused',
    detail: { reason: 'group', removedAs: 'viewer' },
  })
  expect(await at.enter(person('new', { groups: [] }))).toMatchObject({ status: 403, body: { code: 'person_refused' } })
})

test.each([
  ['of another domain', { email: 'eve@evil-plant.example' }],
  ['that the provider does not vouch for', { email_verified: false }],
  ['that is missing', { email: undefined }],
])('an address %s has no place here', async (_, claims) => {
  expect(await at.enter(person('eve', claims))).toMatchObject({ status: 403, body: { code: 'person_refused' } })
})

test('the last owner stays one, whatever the groups say', async () => {
  const ownerCookie = cookieOf(await signIn(at.hub, 'olga@example.com'))
  at.plant.person = person('olga', { sub: 'sub-olga' })
  const begun = await at.begin('plant', { cookie: ownerCookie, purpose: 'link' })
  const cookie = `${begun.cookie}; ${ownerCookie}`
  const answer = await at.finish({ cookie }, await visit(at.plant, begun.url, at.redirectUri))
  expect(answer.body).toEqual({ purpose: 'link' })
  expect(await at.newest('action=account.linkProvider')).toMatchObject({ detail: { provider: 'plant' } })
  expect((await asBrowser(at.hub, ownerCookie)('GET', '/v1/account')).body).toMatchObject({ providers: ['plant'] })
  expect(await me(await at.enter(person('olga', { groups: [] })))).toMatchObject({ name: 'olga', roles: ['owner'] })
})

test('where only invited people come in, an invitation for the address is needed, and used up', async () => {
  const carl = person('carl', { groups: undefined })
  expect(await at.enter(carl, 'office')).toMatchObject({ status: 403, body: { code: 'person_refused' } })
  await at.hub.ask('POST', '/v1/invitations', { body: { role: 'editor', email: 'carl@plant.example' } })
  expect(await me(await at.enter(carl, 'office'))).toMatchObject({ roles: ['editor'] })
  expect((await at.hub.ask<{ rows: unknown[] }>('GET', '/v1/invitations')).body.rows).toEqual([])
  expect((await at.enter(carl, 'office')).status).toBe(200)
})

test('an account is not given to whoever has the same address: only to who has proved it, or signs in to it', async () => {
  await newPerson(at.hub, 'dora@plant.example')
  expect(await at.enter(person('dora'))).toMatchObject({ status: 409, body: { code: 'provider_unlinked' } })
  const { db } = at.hub.hub.store
  await at.hub.hub.store.transaction((tx) =>
    tx.updateTable('users').set({ email_verified: 1 }).where('email', '=', 'dora@plant.example').execute(),
  )
  expect(await me(await at.enter(person('dora')))).toMatchObject({ name: 'dora' })
  expect(await db.selectFrom('users').select('id').where('email', '=', 'dora@plant.example').execute()).toHaveLength(1)
})

test('a provider is added only by somebody who has just signed in, and a subject is one person', async () => {
  const cookie = await newPerson(at.hub, 'fred@plant.example')
  at.plant.person = person('ann')
  const begun = await at.begin('plant', { cookie, purpose: 'link' })
  const answer = await visit(at.plant, begun.url, at.redirectUri)
  expect(await at.finish({ cookie: begun.cookie }, answer)).toMatchObject({
    status: 401,
    body: { code: 'key_missing' },
  })
  expect(await at.finish({ cookie: `${begun.cookie}; ${cookie}` }, answer)).toMatchObject({
    body: { code: 'provider_refused' },
  })
  at.later(900_000)
  const late = await asBrowser(at.hub, cookie)('POST', '/v1/account/providers/plant', { purpose: 'link' })
  expect(late).toMatchObject({ status: 403, body: { code: 'session_stale' } })
})

describe('a second factor that the organisation asks for', () => {
  beforeAll(() => at.hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['viewer'] } }))
  afterAll(() => at.hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] } }))

  test.each([
    ['mfa', { amr: ['pwd', 'mfa'] }, 200],
    ['two kinds', { amr: ['pwd', 'otp'] }, 200],
    ['an acr that the operator takes for it', { acr: 'gold' }, 200],
    ['one kind', { amr: ['pwd'] }, 403],
    ['nothing', {}, 403],
  ])('is there where the provider says %j', async (name, claims, status) => {
    const answer = await at.enter(person(`mia-${name.replaceAll(' ', '')}`, claims))
    const shown = await asBrowser(at.hub, sessionOf(answer))('GET', '/v1/me')
    expect(shown.status, shown.text).toBe(status)
    if (status === 403) expect(shown.body.code).toBe('second_factor_required')
  })

  test('can be proved here in a session that the provider began without', async () => {
    const cookie = await newPerson(at.hub, 'tim@plant.example')
    const { body } = await asBrowser(at.hub, cookie)('POST', '/v1/account/second-factor', { password: PASSWORD })
    const code = () => authenticatorCode(String(body.secret), at.nowMs())
    expect((await asBrowser(at.hub, cookie)('PUT', '/v1/account/second-factor', { code: code() })).status).toBe(200)
    expect((await asBrowser(at.hub, cookie)('GET', '/v1/me')).status).toBe(200)
    await at.hub.hub.store.transaction((tx) =>
      tx.updateTable('users').set({ email_verified: 1 }).where('email', '=', 'tim@plant.example').execute(),
    )
    const session = sessionOf(await at.enter(person('tim')))
    expect((await asBrowser(at.hub, session)('GET', '/v1/me')).body.code).toBe('second_factor_required')
    at.later(60_000)
    const proof = (text: string) =>
      asBrowser(at.hub, session)('POST', '/v1/account/second-factor/proof', { code: text })
    expect((await proof('000000')).body.code).toBe('sign_in_refused')
    expect((await proof(code())).status).toBe(200)
    expect((await asBrowser(at.hub, session)('GET', '/v1/me')).status).toBe(200)
  })
})
