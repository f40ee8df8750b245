import { systemClock } from '@skerry/platform/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { detectIntrusions } from '../src/intrusion/detection.ts'
import { sendLetters } from '../src/intrusion/letters.ts'
import { type Mailbox, mailOptions, openMailbox } from './mailbox.ts'
import { asBrowser, newPerson, PASSWORD, signIn } from './person.ts'
import { startTestHub, type TestHub } from './running-hub.ts'

let hub: TestHub
let nowMs = Date.now()
let mailbox: Mailbox
beforeAll(async () => {
  mailbox = await openMailbox()
  hub = await startTestHub({ mail: mailOptions(mailbox), clock: { ...systemClock, nowMs: () => nowMs } })
})
afterAll(async () => {
  await hub[Symbol.asyncDispose]()
  await mailbox.close()
})

const letterWith = (word: string) =>
  expect.poll(() => mailbox.letters.find((letter) => letter.includes(word))).toBeDefined()

const ask = (method: string, path: string, body: object) => asBrowser(hub)(method, path, body)

const forgot = (email: string) => ask('POST', '/v1/account/password-reset', { email })

const linkIn = (text: string | undefined) => /#(?:reset|invitation)=(\S+)/.exec(text ?? '')?.[1] ?? ''

test('an invitation is sent to its address', async () => {
  const answer = await hub.ask('POST', '/v1/invitations', { body: { role: 'viewer', email: 'ina@example.com' } })
  expect(answer.body).toMatchObject({ isSent: true })
  await letterWith('To: ina@example.com')
  expect(linkIn(mailbox.letters.at(-1))).toMatch(/^si_/)
})

test('a forgotten password is chosen anew with a letter, once, within an hour, and all sessions end', async () => {
  const cookie = await newPerson(hub, 'ann@example.com')
  for (let count = 0; count < 7; count++) await signIn(hub, 'ann@example.com', { password: 'wrong password' })
  const answers = [await forgot('Ann@example.com'), await forgot('nobody@example.com')]
  expect(answers.map(({ status, body }) => ({ status, body }))).toEqual([
    { status: 200, body: {} },
    { status: 200, body: {} },
  ])
  await letterWith('To: ann@example.com')
  expect(mailbox.letters.join()).not.toContain('nobody@example.com')
  const reset = linkIn(mailbox.letters.find((letter) => letter.includes('To: ann@example.com')))
  const choose = (password: string) => ask('PUT', '/v1/account/password-reset', { reset, password })
  expect((await choose('ann@example.com!')).body.code).toBe('password_weak')
  expect((await choose('grey boats in the fog')).status).toBe(200)
  expect((await choose('another try with it')).body.code).toBe('reset_refused')
  expect((await asBrowser(hub, cookie)('GET', '/v1/me')).body.code).toBe('session_ended')
  // The letter has ended the wait, too.
  expect((await signIn(hub, 'ann@example.com', { password: 'grey boats in the fog' })).status).toBe(200)
  expect((await signIn(hub, 'ann@example.com')).status).toBe(401)
})

test('a link of yesterday counts for nothing, and nobody is flooded with letters', async () => {
  await newPerson(hub, 'bob@example.com')
  await forgot('bob@example.com')
  await letterWith('To: bob@example.com')
  await forgot('bob@example.com')
  const before = mailbox.letters.length
  nowMs += 300_001
  await forgot('bob@example.com')
  await expect.poll(() => mailbox.letters.length).toBe(before + 1)
  const [old, latest] = mailbox.letters.filter((letter) => letter.includes('To: bob@example.com')).map(linkIn)
  const choose = (reset: string | undefined) => ask('PUT', '/v1/account/password-reset', { reset, password: PASSWORD })
  expect((await choose(old)).body.code).toBe('reset_refused')
  nowMs += 3_600_001
  expect((await choose(latest)).body.code).toBe('reset_refused')
})

test('owners and administrators hear of what intrusion detection has found, once; others do not', async () => {
  await newPerson(hub, 'olga@example.com', 'administrator')
  await newPerson(hub, 'vic@example.com', 'viewer')
  await detectIntrusions(hub.hub)
  await sendLetters(hub.hub)
  const told = () => mailbox.letters.filter((letter) => letter.includes('Subject: Skerry: new_administrator'))
  const toOlga = () => told().filter((letter) => letter.includes('To: olga@example.com'))
  expect(toOlga()[0]).toMatch(/skerry intrusion show int_/)
  const count = told().length
  expect(told().join()).not.toContain('vic@example.com')
  await sendLetters(hub.hub)
  expect(told()).toHaveLength(count)
})
