import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPeopleKeys } from '../../src/people/people-keys.ts'
import { asBrowser, authenticatorCode, cookieOf, joinPerson, newPerson, PASSWORD, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  await joinPerson(hub, 'olga@example.com', hub.invitation)
})
afterAll(() => hub[Symbol.asyncDispose]())

/** Whoever fails often has to wait, and no code counts twice; here time passes. */
const later = (ms = 3_600_000) => {
  nowMs += ms
}

/** Sets up an authenticator, as the page does. */
async function enable(cookie: string) {
  const ask = asBrowser(hub, cookie)
  const begun = await ask('POST', '/v1/account/second-factor', { password: PASSWORD })
  const secret = String(begun.body.secret)
  const confirmed = await ask('PUT', '/v1/account/second-factor', { code: authenticatorCode(secret, nowMs) })
  expect(confirmed.status, confirmed.text).toBe(200)
  return { secret, uri: String(begun.body.uri), recoveryCodes: confirmed.body.recoveryCodes as string[] }
}

test('an authenticator is asked for once a code has proved it; no code counts twice, and none of long ago', async () => {
  const email = 'ann@example.com'
  const { secret, uri } = await enable(await newPerson(hub, email))
  expect(uri).toMatch(
    /^otpauth:\/\/totp\/Skerry%20default:ann%40example\.com\?secret=[A-Z2-7]{32}&issuer=Skerry\+default$/,
  )
  expect(await signIn(hub, email)).toMatchObject({ status: 401, body: { code: 'second_factor_missing' } })
  const used = authenticatorCode(secret, nowMs)
  expect((await signIn(hub, email, { code: used })).body.code).toBe('sign_in_refused')
  const early = authenticatorCode(secret, nowMs + 30_000)
  later(120_000)
  expect((await signIn(hub, email, { code: early })).body.code).toBe('sign_in_refused')
  const fresh = authenticatorCode(secret, nowMs)
  const both = await Promise.all([signIn(hub, email, { code: fresh }), signIn(hub, email, { code: fresh })])
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401])
})

test('the right code without the right password is worth nothing, and uses nothing up', async () => {
  later()
  const email = 'bob@example.com'
  const { secret, recoveryCodes } = await enable(await newPerson(hub, email))
  later(60_000)
  const code = authenticatorCode(secret, nowMs)
  const wrong = { password: 'not the password' }
  expect((await signIn(hub, email, { ...wrong, code })).body.code).toBe('sign_in_refused')
  expect((await signIn(hub, email, { ...wrong, code: recoveryCodes[0] })).body.code).toBe('sign_in_refused')
  expect((await signIn(hub, email, { code })).status).toBe(200)
  expect((await signIn(hub, email, { code: recoveryCodes[0]?.toUpperCase() })).status).toBe(200)
})

test('codes are guessed no more often than passwords', async () => {
  later()
  const email = 'cay@example.com'
  await enable(await newPerson(hub, email))
  const codes = []
  for (let count = 0; count < 7; count++)
    codes.push((await signIn(hub, email, { code: String(100_000 + count) })).status)
  expect(codes.every((status) => status === 401 || status === 429)).toBe(true)
  const { rows } = (
    await hub.ask<{ rows: { detail: object }[] }>(
      'GET',
      '/v1/audit?action=account.signIn&result=sign_in_refused&newestFirst=true&limit=1',
    )
  ).body
  expect(rows[0]?.detail).toMatchObject({ failures: 5, isLockedOut: true })
})

test('each recovery code counts once, and neither codes nor secrets can be read from the database', async () => {
  later()
  const email = 'dan@example.com'
  const { secret, recoveryCodes } = await enable(await newPerson(hub, email))
  expect(new Set(recoveryCodes).size).toBe(10)
  const [first = ''] = recoveryCodes
  const signedIn = await signIn(hub, email, { code: first })
  expect(signedIn.status).toBe(200)
  expect((await signIn(hub, email, { code: first })).body.code).toBe('sign_in_refused')
  const account = await asBrowser(hub, cookieOf(signedIn))('GET', '/v1/account')
  expect(account.body).toMatchObject({ hasSecondFactor: true, needsSecondFactor: false, recoveryCodesLeft: 9 })
  const { db } = hub.hub.store
  const kept = JSON.stringify([
    await db.selectFrom('second_factors').selectAll().execute(),
    await db.selectFrom('recovery_codes').selectAll().execute(),
  ])
  for (const code of recoveryCodes) expect(kept).not.toContain(code.replace('-', ''))
  expect(kept).not.toContain(secret)
})

test('turning it off needs password and code again, and setting it up ends other sessions', async () => {
  later()
  const email = 'eva@example.com'
  const other = await newPerson(hub, email)
  const cookie = cookieOf(await signIn(hub, email))
  const { secret } = await enable(cookie)
  expect((await asBrowser(hub, other)('GET', '/v1/me')).body.code).toBe('session_ended')
  const ask = asBrowser(hub, cookie)
  const off = (body: object) => ask('DELETE', '/v1/account/second-factor', body)
  expect((await ask('POST', '/v1/account/second-factor', { password: PASSWORD })).body.code).toBe(
    'second_factor_exists',
  )
  expect((await off({ password: PASSWORD })).body.code).toBe('second_factor_missing')
  later(60_000)
  expect((await off({ password: 'not the password', code: authenticatorCode(secret, nowMs) })).body.code).toBe(
    'sign_in_refused',
  )
  expect((await off({ password: PASSWORD, code: authenticatorCode(secret, nowMs) })).status).toBe(200)
  expect((await signIn(hub, email)).status).toBe(200)
})

test('where the organisation asks for one, nothing else can be done without', async () => {
  later()
  const cookie = await newPerson(hub, 'flo@example.com')
  const ask = asBrowser(hub, cookie)
  expect((await ask('GET', '/v1/status')).status).toBe(200)
  expect((await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['viewer'] } })).status).toBe(200)
  for (const path of ['/v1/status', '/v1/me', '/v1/devices']) {
    expect(await ask('GET', path)).toMatchObject({ status: 403, body: { code: 'second_factor_required' } })
  }
  expect((await ask('GET', '/v1/account')).body).toMatchObject({ needsSecondFactor: true })
  expect((await asBrowser(hub, await ownerCookie())('GET', '/v1/status')).status).toBe(200)
  await enable(cookie)
  expect((await ask('GET', '/v1/status')).status).toBe(200)
})

const ownerCookie = async () => cookieOf(await signIn(hub, 'olga@example.com'))

test('a second factor outlives the authority that its keys followed from, and the next one', async () => {
  later()
  const email = 'zoe@example.com'
  const { secret, recoveryCodes } = await enable(await newPerson(hub, email))
  const owner = (path: string, body: object) => hub.ask<{ id: string }>('POST', path, { body })
  const { id } = (await owner('/v1/authorities/rotate', {})).body
  await owner('/v1/authorities/rotate', {})
  for (const each of ['first', id]) expect((await owner(`/v1/authorities/${each}/retire`, {})).status).toBe(200)
  const { hub: inside } = hub
  // As the next start reads them, whatever authority there is then.
  const read = await openPeopleKeys(inside.store.db, { vault: inside.vault, first: generateKeyPair() })
  expect(read).toEqual(inside.people.keys)
  later(60_000)
  expect((await signIn(hub, email, { code: authenticatorCode(secret, nowMs) })).status).toBe(200)
  expect((await signIn(hub, email, { code: recoveryCodes[0] })).status).toBe(200)
})
