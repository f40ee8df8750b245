/** People in several organisations: which they are, going from one to another within a session, and what each organisation asks for it. */
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { asBrowser, authenticatorCode, cookieOf, joinPerson, newPerson, PASSWORD, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
let northKey: string
let ann: string
let nowMs = Date.now()

const ask = (cookie: string) => asBrowser(hub, cookie)

/** Invites somebody who has an account already, and takes the invitation. */
async function joinNorth(email: string, role: string): Promise<string> {
  const { body } = await hub.ask<{ link: string }>('POST', '/v1/invitations', { body: { role }, key: northKey })
  return joinPerson(hub, email, body.link.split('#invitation=')[1] ?? '')
}

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  await joinPerson(hub, 'olga@example.com', hub.invitation)
  northKey = await otherOrganisation(hub, 'plant-north')
  await otherOrganisation(hub, 'plant-south')
  ann = await newPerson(hub, 'ann@example.com', 'editor')
  await joinNorth('ann@example.com', 'viewer')
  ann = cookieOf(await signIn(hub, 'ann@example.com', { organisation: 'default' }))
})
afterAll(() => hub[Symbol.asyncDispose]())

const switchTo = (cookie: string, organisation: string) =>
  ask(cookie)('PUT', '/v1/account/organisation', { organisation })
const meOf = async (cookie: string) => (await ask(cookie)('GET', '/v1/me')).body

type Trail = { rows: { action: string; actor: { id: string }; detail: Record<string, unknown>; result: string }[] }
const switchesIn = async (key?: string) => {
  const { body } = await hub.ask<Trail>('GET', '/v1/audit?action=account.switchOrganisation', key ? { key } : {})
  return body.rows.map(({ detail, result }) => ({ way: detail.way, result }))
}

test('somebody sees the organisations that they belong to, and of the others not that they are there', async () => {
  const { body } = await ask(ann)('GET', '/v1/account/organisations')
  expect(body.rows).toEqual([
    { organisation: 'default', role: 'editor', isThis: true, isDisabled: false },
    { organisation: 'plant-north', role: 'viewer', isThis: false, isDisabled: false },
  ])
  const [foreign, none] = await Promise.all([switchTo(ann, 'plant-south'), switchTo(ann, 'no-such-place')])
  expect(foreign).toMatchObject({ status: 403, body: { code: 'membership_missing' } })
  expect(foreign.body).toEqual({ ...none.body, requestId: foreign.body.requestId })
  expect(await meOf(ann)).toMatchObject({ organisation: 'default' })
})

test('the same session goes on in another organisation with the role there, over requests, and both trails tell of it', async () => {
  expect((await switchTo(ann, 'plant-north')).status).toBe(200)
  expect(await meOf(ann)).toMatchObject({ organisation: 'plant-north', roles: ['viewer'] })
  const { body } = await ask(ann)('GET', '/v1/account/sessions')
  expect(body.rows).toEqual(expect.arrayContaining([expect.objectContaining({ isThis: true })]))
  expect(await switchesIn(northKey)).toEqual([{ way: 'in', result: 'ok' }])
  expect(await switchesIn()).toEqual(expect.arrayContaining([{ way: 'out', result: 'ok' }]))
  const trails = JSON.stringify([await hub.ask('GET', '/v1/audit', { key: northKey })])
  expect(trails).not.toContain('"default"')
  expect((await switchTo(ann, 'default')).status).toBe(200)
  expect((await switchTo(ann, 'default')).status).toBe(200)
  expect(await switchesIn(northKey)).toHaveLength(2)
})

test('a page of the organisation before is refused whatever it asks or changes, until it says where it is', async () => {
  const page = (method: string, path: string, organisation: string, body?: object) =>
    hub.ask<{ code?: string }>(method, path, {
      key: null,
      body,
      headers: { cookie: ann, 'sec-fetch-site': 'same-origin', 'x-skerry-organisation': organisation },
    })
  await switchTo(ann, 'plant-north')
  const site = { kind: 'edge' }
  expect(await page('GET', '/v1/sites', 'default')).toMatchObject({
    status: 409,
    body: { code: 'organisation_switched' },
  })
  expect((await page('PUT', '/v1/sites/shed', 'default', site)).body.code).toBe('organisation_switched')
  expect((await page('GET', '/v1/account/keys', 'default')).body.code).toBe('organisation_switched')
  expect((await page('GET', '/v1/sites', 'plant-north')).status).toBe(200)
  // The way back stays open: it is the one thing that such a page may ask.
  const back = await page('PUT', '/v1/account/organisation', 'plant-north', { organisation: 'default' })
  expect(back.status).toBe(200)
  expect((await page('GET', '/v1/sites', 'default')).status).toBe(200)
})

test('a stream that was opened before ends, and tells nothing of where the session went', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const options = { ca: hub.hub.config.caPem, headers: { cookie: ann, 'sec-fetch-site': 'same-origin' } }
  get(`${hub.url}/v1/watch`, options, resolve).on('error', reject)
  const response = await promise
  const events: string[] = []
  for await (const chunk of response.setEncoding('utf8')) {
    if (events.push(String(chunk)) === 1) await switchTo(ann, 'plant-north')
  }
  expect(response.statusCode).toBe(200)
  await switchTo(ann, 'default')
})

test('where the other organisation asks for a second factor of the role, only a session that has one goes there', async () => {
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['viewer'] }, key: northKey })
  expect((await switchTo(ann, 'plant-north')).body.code).toBe('second_factor_required')
  expect(await meOf(ann)).toMatchObject({ organisation: 'default' })
  const begun = await ask(ann)('POST', '/v1/account/second-factor', { password: PASSWORD })
  const code = authenticatorCode(String(begun.body.secret), nowMs)
  expect((await ask(ann)('PUT', '/v1/account/second-factor', { code })).status).toBe(200)
  // A stolen password alone could have set it up here, where nothing is asked: it lifts this session in this organisation only.
  expect((await switchTo(ann, 'plant-north')).body.code).toBe('second_factor_required')
  const login = await hub.ask<{ code: string }>('POST', '/v1/account/logins', { key: null, body: { device: 'laptop' } })
  const agreed = await ask(ann)('PUT', `/v1/account/logins/${login.body.code}`, { organisation: 'plant-north' })
  expect(agreed.body.code).toBe('second_factor_required')
  // Nor does it count where the rule comes after the switch.
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] }, key: northKey })
  expect((await switchTo(ann, 'plant-north')).status).toBe(200)
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['viewer'] }, key: northKey })
  expect(await meOf(ann)).toMatchObject({ code: 'second_factor_required' })
  nowMs += 60_000
  const fresh = authenticatorCode(String(begun.body.secret), nowMs)
  ann = cookieOf(await signIn(hub, 'ann@example.com', { organisation: 'default', code: fresh }))
  expect((await switchTo(ann, 'plant-north')).status).toBe(200)
  await switchTo(ann, 'default')
  await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] }, key: northKey })
})

test('a session that a provider vouched for counts in the organisation of that provider only', async () => {
  const begunWith = (method: string) =>
    hub.hub.store.transaction((tx) => tx.updateTable('user_sessions').set({ method }).execute())
  await begunWith('provider:plant')
  expect((await switchTo(ann, 'plant-north')).body.code).toBe('session_bound')
  await begunWith('password')
})

test('a command line gets a key for the organisation that the person agrees to, and none for another', async () => {
  const begun = { device: 'ann on laptop', organisation: 'plant-north' }
  const asked = await hub.ask<{ code: string; secret: string; url: string }>('POST', '/v1/account/logins', {
    key: null,
    body: begun,
  })
  const { code, secret, url } = asked.body
  expect(url).toBe(`${hub.url}/connect?code=${code}&organisation=plant-north`)
  const agree = (organisation: string) => ask(ann)('PUT', `/v1/account/logins/${code}`, { organisation })
  expect((await agree('plant-south')).body.code).toBe('membership_missing')
  expect((await agree('plant-north')).status).toBe(200)
  const made = await hub.ask<{ secret: string }>('POST', '/v1/account/logins/key', { key: null, body: { secret } })
  const key = made.body.secret
  expect((await hub.ask('GET', '/v1/me', { key })).body).toMatchObject({
    organisation: 'plant-north',
    roles: ['viewer'],
  })
  const own = await hub.ask<{ rows: object[] }>('GET', '/v1/account/organisations', { key })
  expect(own.body.rows).toMatchObject([{ isThis: false }, { organisation: 'plant-north', isThis: true }])
})

test('a key that is nobody is the owner of tells nothing of where the person who made it belongs', async () => {
  expect((await hub.ask('GET', '/v1/account/organisations')).body).toMatchObject({ code: 'account_missing' })
})

test('a disabled organisation is shown as such, and lets nobody switch into it', async () => {
  await hub.hub.store.transaction((tx) =>
    tx.updateTable('organisations').set({ disabled_at_ms: nowMs }).where('name', '=', 'plant-north').execute(),
  )
  expect((await switchTo(ann, 'plant-north')).body.code).toBe('organisation_disabled')
  const { body } = await ask(ann)('GET', '/v1/account/organisations')
  expect(body.rows).toMatchObject([{}, { organisation: 'plant-north', isDisabled: true }])
  nowMs += 1
})
