/** What is asked before and after a sign-in: the notice (IEC 62443-4-2 CR 1.12) and the lock of sessions at which nobody sits (CR 2.5). */
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { asBrowser, cookieOf, joinPerson, newPerson, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
let nowMs = Date.now()
const NOTICE = 'For staff of the plant only.\nAll use is recorded.'
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs }, notice: NOTICE })
  await joinPerson(hub, 'olga@example.com', hub.invitation)
})
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => rules({ secondFactorFor: [], idleLockSeconds: 900 }))

const rules = async (body: object) => {
  const answer = await hub.ask('PUT', '/v1/sign-in-rules', { body })
  expect(answer.status, answer.text).toBe(200)
}
const later = (seconds: number) => {
  nowMs += seconds * 1_000
}
const me = async (cookie: string) => (await asBrowser(hub, cookie)('GET', '/v1/me')).body

test('a session at which nobody sits is locked, for whatever it asks, and only a new sign-in goes on', async () => {
  const cookie = await newPerson(hub, 'ann@example.com')
  later(899)
  expect(await me(cookie)).toMatchObject({ name: 'ann' })
  // What a page asks by itself is nobody's presence.
  later(2)
  expect(await me(cookie)).toMatchObject({ code: 'session_ended' })
  const ask = asBrowser(hub, cookie)
  for (const [method, path] of [
    ['PUT', '/v1/account/presence'],
    ['GET', '/v1/account'],
    ['POST', '/v1/account/passkeys'],
  ] as const) {
    expect((await ask(method, path, method === 'GET' ? undefined : {})).body.code, path).toBe('session_ended')
  }
  expect(await me(cookieOf(await signIn(hub, 'ann@example.com')))).toMatchObject({ name: 'ann' })
})

test('whoever is there stays in, for as long as sessions last', async () => {
  const cookie = cookieOf(await signIn(hub, 'olga@example.com'))
  for (let quarter = 0; quarter < 47; quarter++) {
    later(895)
    expect((await asBrowser(hub, cookie)('PUT', '/v1/account/presence', {})).status).toBe(200)
  }
  later(1_800)
  expect(await me(cookie)).toMatchObject({ code: 'session_ended' })
})

test('the rule counts at once, for its organisation, can be taken back, and is in the trail; keys are not concerned', async () => {
  const cookie = cookieOf(await signIn(hub, 'olga@example.com'))
  later(1_000)
  expect((await me(cookie)).code).toBe('session_ended')
  await rules({ secondFactorFor: [] })
  expect(await me(cookie)).toMatchObject({ kind: 'user' })
  type Row = { detail: object }
  const { rows } = (await hub.ask<{ rows: Row[] }>('GET', '/v1/audit?action=user.setRules&newestFirst=true&limit=1'))
    .body
  expect(rows[0]?.detail).toMatchObject({ secondFactorFor: [], from: { idleLockSeconds: 900 } })
  expect((await hub.ask('GET', '/v1/sign-in-rules')).body).toEqual({ secondFactorFor: [] })
  await rules({ secondFactorFor: [], idleLockSeconds: 120 })
  later(10_000)
  expect((await hub.ask('GET', '/v1/me')).status).toBe(200)
  expect((await asBrowser(hub)('PUT', '/v1/account/presence', {})).body.code).toBe('key_missing')
})

test.each([119, 43_201, 1.5, -1])('%s seconds are no time to lock after', async (idleLockSeconds) => {
  const answer = await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [], idleLockSeconds } })
  expect(answer).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
})

test('the notice is told to everybody who asks what the hub is, before anybody signs in', async () => {
  expect((await hub.ask('GET', '/v1/about', { key: null })).body).toMatchObject({ notice: NOTICE })
  await using other = await startTestHub()
  expect((await other.ask('GET', '/v1/about', { key: null })).body).not.toHaveProperty('notice')
})
