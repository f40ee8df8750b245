/** What groups of a provider give: roles of the organisation's own, and nothing behind the back of a second person. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { asBrowser, joinPerson, newPerson, type Reply, signIn } from '../stage/person.ts'
import { visit } from './oidc-server.ts'
import { person, type SsoHub, sessionOf, startSsoHub } from './sso-hub.ts'

let at: SsoHub
beforeAll(async () => {
  at = await startSsoHub()
  await joinPerson(at.hub, 'olga@example.com', at.hub.invitation)
  const role = { name: 'oslo-operator', permissions: ['fleet.read'], scope: 'site.name == "oslo"' }
  expect((await at.hub.ask('POST', '/v1/roles', { body: role })).status).toBe(200)
})
afterAll(() => at[Symbol.asyncDispose]())
afterEach(() => at.later(120_000))

const rolesOf = async (reply: Reply) => (await asBrowser(at.hub, sessionOf(reply))('GET', '/v1/me')).body.roles

test("a group gives a role of the organisation's own; a role that is not there lets nobody in, and throws nobody out", async () => {
  expect(await rolesOf(await at.enter(person('ann', { groups: ['oslo'] })))).toEqual(['oslo-operator'])
  const lost = await at.enter(person('ann', { groups: ['ghosts'] }))
  expect(lost).toMatchObject({ status: 403, body: { code: 'person_refused' } })
  expect(await at.newest('action=account.signIn')).toMatchObject({ detail: { reason: 'role' } })
  expect(await rolesOf(await at.enter(person('ann', { groups: ['oslo'] })))).toEqual(['oslo-operator'])
})

describe('where roles need two people', () => {
  type Row = { id: string; action: string; object: string; asked: { name: string }; status: string }
  const pending = async () =>
    (await at.hub.ask<{ rows: Row[] }>('GET', '/v1/approvals?status=pending')).body.rows.filter(
      ({ action }) => action === 'provider.roles',
    )
  const answer = (cookie: string, id: string, verb: string) =>
    asBrowser(at.hub, cookie)('POST', `/v1/approvals/${id}/${verb}`, { reason: 'looked at' })
  let admin: string

  beforeAll(async () => {
    admin = await newPerson(at.hub, 'adam@example.com', 'administrator')
    const reply = await at.enter(person('bob'))
    expect(await rolesOf(reply)).toEqual(['viewer'])
    await at.hub.ask('PUT', '/v1/approval-rules', { body: { roles: true } })
  })
  afterAll(() => at.hub.ask('PUT', '/v1/approval-rules', { body: {} }))

  test('the mapping is the grant: nobody comes in or up by it until somebody has approved it; down goes at once', async () => {
    const newcomer = await at.enter(person('eve'))
    expect(newcomer).toMatchObject({ status: 403, body: { code: 'person_refused' } })
    expect(newcomer.body.message).toContain('second person')
    expect(await rolesOf(await at.enter(person('bob', { groups: ['ml-admins'] })))).toEqual(['viewer'])
    const [asked, ...others] = await pending()
    expect(others, 'asked for once').toEqual([])
    expect(asked).toMatchObject({ object: 'plant', asked: { name: 'Plant account' } })
    expect(await at.newest('action=approval.ask')).toMatchObject({ detail: { action: 'provider.roles' } })
    const id = asked?.id ?? ''
    expect((await answer(await newPersonAlone('vic', 'viewer'), id, 'approve')).body.code).toBe('permission_denied')
    expect((await answer(admin, id, 'deny')).status).toBe(200)
    // What was denied is not asked for again at each sign-in.
    expect(await rolesOf(await at.enter(person('bob', { groups: ['ml-admins'] })))).toEqual(['viewer'])
    expect(await pending()).toEqual([])
    at.later(25 * 3_600_000)
    await at.enter(person('bob', { groups: ['ml-admins'] }))
    const [again] = await pending()
    const owner = sessionOf(await signIn(at.hub, 'olga@example.com'))
    const approved = await answer(owner, again?.id ?? '', 'approve')
    expect(approved.body, approved.text).toMatchObject({ status: 'used' })
    expect(await rolesOf(await at.enter(person('bob', { groups: ['ml-admins'] })))).toEqual(['administrator'])
    expect(await rolesOf(await at.enter(person('eve')))).toEqual(['viewer'])
  })

  test('a mapping that is another one waits anew, and what it takes away counts all the same', async () => {
    const { roles } = at.plantConfig
    roles.push({ group: 'ml-chiefs', role: 'owner' })
    expect(await rolesOf(await at.enter(person('bob', { groups: ['ml-staff'] })))).toEqual(['viewer'])
    expect(await rolesOf(await at.enter(person('bob', { groups: ['ml-chiefs'] })))).toEqual(['viewer'])
    const [asked] = await pending()
    // Nobody approves what they could not give: an administrator makes no owners.
    const adam = sessionOf(await signIn(at.hub, 'adam@example.com'))
    expect((await answer(adam, asked?.id ?? '', 'approve')).body.code).toBe('role_refused')
    expect(await at.enter(person('bob', { groups: [] }))).toMatchObject({ status: 403 })
    roles.pop()
    expect(await rolesOf(await at.enter(person('bob', { groups: ['ml-staff'] })))).toEqual(['viewer'])
  })

  const newPersonAlone = async (name: string, role: string) => {
    await at.hub.ask('PUT', '/v1/approval-rules', { body: {} })
    const cookie = await newPerson(at.hub, `${name}@example.com`, role)
    await at.hub.ask('PUT', '/v1/approval-rules', { body: { roles: true } })
    return cookie
  }
})

describe('a provider', () => {
  const unlink = (cookie: string, provider = 'plant') =>
    asBrowser(at.hub, cookie)('DELETE', `/v1/account/providers/${provider}`)

  test('is taken from the account, with what was begun by it; the address alone does not bring it back', async () => {
    const cookie = await newPerson(at.hub, 'gil@plant.example')
    at.plant.person = person('gil')
    const begun = await at.begin('plant', { cookie, purpose: 'link' })
    const linked = { cookie: `${begun.cookie}; ${cookie}` }
    expect((await at.finish(linked, await visit(at.plant, begun.url, at.redirectUri))).status).toBe(200)
    const other = sessionOf(await at.enter(person('gil')))
    expect((await asBrowser(at.hub, cookie)('GET', '/v1/account')).body.providers).toEqual(['plant'])
    expect((await unlink(cookie)).status).toBe(200)
    expect(await at.newest('action=account.unlinkProvider')).toMatchObject({ detail: { provider: 'plant' } })
    expect((await asBrowser(at.hub, other)('GET', '/v1/me')).body.code).toBe('session_ended')
    expect((await unlink(cookie)).body.code).toBe('provider_unknown')
    expect((await unlink(cookie, 'nowhere')).body.code).toBe('provider_unknown')
    expect((await at.enter(person('gil'))).body.code).toBe('provider_unlinked')
    at.later(900_000)
    expect((await unlink(cookie)).body.code).toBe('session_stale')
  })

  test('stays where it is the only way in', async () => {
    const mine = sessionOf(await at.enter(person('hal')))
    expect(await unlink(mine)).toMatchObject({ status: 403, body: { code: 'session_bound' } })
    // As if the session was begun with a passkey that is gone meanwhile.
    await at.hub.hub.store.transaction((tx) =>
      tx.updateTable('user_sessions').set({ method: 'passkey' }).where('method', '=', 'provider:plant').execute(),
    )
    expect(await unlink(mine)).toMatchObject({ status: 409, body: { code: 'sign_in_last' } })
    expect((await at.enter(person('hal'))).status).toBe(200)
  })
})
