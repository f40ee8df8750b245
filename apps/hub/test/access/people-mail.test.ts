import { UserId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { detectIntrusions } from '../../src/intrusion/detection.ts'
import { sendLetters } from '../../src/intrusion/letters.ts'
import { insertPasskey } from '../../src/people/factors/passkey-store.ts'
import { isLinkable } from '../../src/sso/provider-account-store.ts'
import { toJson } from '../../src/store/json-column.ts'
import { type Mailbox, mailOptions, openMailbox } from '../stage/mailbox.ts'
import { asBrowser, authenticatorCode, browserOf, newPerson, PASSWORD, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

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
  expect(linkIn(mailbox.letters.find((letter) => letter.includes('To: ina@example.com')))).toMatch(/^si_/)
})

test('a letter resets a forgotten password once, within an hour, and all sessions end', async () => {
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
  // The reset has also ended the wait.
  expect((await signIn(hub, 'ann@example.com', { password: 'grey boats in the fog' })).status).toBe(200)
  expect((await signIn(hub, 'ann@example.com')).status).toBe(401)
})

/** A person with a passkey, a provider, a second factor, and a personal key. */
async function withWaysIn(email: string) {
  const cookie = await newPerson(hub, email)
  const ask = asBrowser(hub, cookie)
  const { body } = await ask('GET', '/v1/account')
  const userId = UserId.parse(body.id)
  await hub.hub.store.transaction(async (tx) => {
    const nowText = new Date(nowMs).toISOString()
    const account = { id: `link-${email}`, account_id: 'sub', provider_id: 'oidc https://idp.example', user_id: userId }
    // Columns of better-auth that no code of the hub reads.
    await tx
      .insertInto('user_accounts')
      .values({ ...account, password: null, created_at: nowText, updated_at: nowText } as never)
      .execute()
    await insertPasskey(tx, {
      id: hub.hub.ids.passkey(),
      user_id: userId,
      credential_id: email,
      public_key: 'AA',
      counter: 0,
      transports: toJson([]),
      name: 'blue key',
      is_synced: 0,
      created_at_ms: nowMs,
      last_used_at_ms: null,
    })
  })
  const keyOf = async () => {
    const begun = await ask('POST', '/v1/account/logins', { device: 'laptop' })
    expect((await ask('PUT', `/v1/account/logins/${begun.body.code}`, {})).status).toBe(200)
    return { ...begun.body, cookie } as unknown as { secret: string }
  }
  const collect = async (secret: string) =>
    (await asBrowser(hub)('POST', '/v1/account/logins/key', { secret })).body as { secret?: string; code?: string }
  const key = await collect((await keyOf()).secret)
  const agreed = await keyOf()
  // Sets the session as if the person had used the passkey: otherwise it may not add an authenticator.
  await hub.hub.store.transaction((tx) => tx.updateTable('user_sessions').set({ is_multi_factor: 1 }).execute())
  const begun = await ask('POST', '/v1/account/second-factor', { password: PASSWORD })
  const code = authenticatorCode(String(begun.body.secret), nowMs)
  expect((await ask('PUT', '/v1/account/second-factor', { code })).status).toBe(200)
  return { key: String(key.secret), collectLater: () => collect(agreed.secret) }
}

async function resetOf(email: string): Promise<string> {
  const count = mailbox.letters.length
  await forgot(email)
  const letter = () => mailbox.letters.slice(count).find((one) => one.includes(`To: ${email}`))
  await expect.poll(letter).toBeDefined()
  return linkIn(letter())
}

test(
  'the first reset of an address removes every earlier way into the account',
  deep('a second reset; the first journey resets a password'),
  async () => {
    const email = 'planted@example.com'
    const { key, collectLater } = await withWaysIn(email)
    expect((await hub.ask('GET', '/v1/me', { key })).status).toBe(200)
    const reset = await resetOf(email)
    const ways = { passkeys: ['blue key'], providers: ['https://idp.example'], hasSecondFactor: true }
    const outlook = await ask('POST', '/v1/account/password-reset/outlook', { reset })
    expect(outlook.body).toMatchObject({ isFirstProof: true, ways: { ...ways, keys: [{ organisation: 'default' }] } })
    const { keys } = outlook.body.ways as { keys: { id: string }[] }
    const keepKeys = keys.map(({ id }) => id)
    const done = await ask('PUT', '/v1/account/password-reset', { reset, password: 'grey boats in the fog', keepKeys })
    expect(done.status, done.text).toBe(200)
    const none = { passkeys: [], providers: [], hasSecondFactor: false, keys: [] }
    expect(done.body).toMatchObject({ isFirstProof: true, removed: ways, left: none })
    expect((await hub.ask('GET', '/v1/me', { key })).status).toBe(401)
    expect((await collectLater()).code).toBe('login_refused')
    const { db } = hub.hub.store
    expect(await db.selectFrom('passkeys').selectAll().where('credential_id', '=', email).execute()).toEqual([])
    expect(await db.selectFrom('user_accounts').selectAll().where('id', '=', `link-${email}`).execute()).toEqual([])
    // The sign-in no longer requires a code.
    expect((await signIn(hub, email, { password: 'grey boats in the fog' })).status).toBe(200)
    // The membership stays. It must not link the provider again at its next sign-in, whatever the person removes later.
    const places = db.selectFrom('memberships').innerJoin('users', 'users.id', 'memberships.user_id')
    const place = await places.selectAll('memberships').where('users.email', '=', email).executeTakeFirstOrThrow()
    expect(await isLinkable(db, place.user_id, place.organisation_id)).toBe(false)
    nowMs += 300_001
    const again = { reset: await resetOf(email), password: PASSWORD }
    expect((await ask('PUT', '/v1/account/password-reset', again)).status).toBe(200)
    expect(await isLinkable(db, place.user_id, place.organisation_id)).toBe(false)
  },
)

test(
  'a later reset keeps second factors, and revokes the keys that the person does not keep',
  deep('a third reset; the first journey resets a password'),
  async () => {
    const email = 'proved@example.com'
    const { key } = await withWaysIn(email)
    const kept = await hub.hub.store.db
      .selectFrom('keys')
      .innerJoin('users', 'users.id', 'keys.user_id')
      .select('keys.id')
      .where('users.email', '=', email)
      .executeTakeFirst()
    await hub.hub.store.transaction((tx) =>
      tx.updateTable('users').set({ email_verified: 1 }).where('email', '=', email).execute(),
    )
    const choose = async (keepKeys: string[]) => {
      const reset = await resetOf(email)
      return ask('PUT', '/v1/account/password-reset', { reset, password: 'grey boats in the fog', keepKeys })
    }
    const ways = { passkeys: ['blue key'], providers: ['https://idp.example'], hasSecondFactor: true }
    const first = await choose([String(kept?.id)])
    expect(first.body).toMatchObject({ isFirstProof: false, removed: { keys: [] }, left: { ...ways, keys: [kept] } })
    expect((await hub.ask('GET', '/v1/me', { key })).status).toBe(200)
    nowMs += 300_001
    expect((await choose([])).body).toMatchObject({ removed: { keys: [kept] }, left: { ...ways, keys: [] } })
    expect((await hub.ask('GET', '/v1/me', { key })).status).toBe(401)
    const again = await signIn(hub, email, { password: 'grey boats in the fog' })
    expect(again.body.code).toBe('second_factor_missing')
  },
)

test(
  'after a reset only the browser and the address of the letter are known, and no guesser blocks them',
  deep('a fourth reset; the first journey resets a password'),
  async () => {
    const email = 'pia@example.com'
    const password = 'grey boats in the fog'
    await newPerson(hub, email)
    const enter = (from: string, cookie: string | undefined, attempt: string) =>
      asBrowser(hub, cookie, from)('POST', '/v1/account/session', { email, password: attempt })
    // The person opens the letter in the same browser of which the thief has a copy.
    const old = browserOf(await enter('127.0.0.1', undefined, PASSWORD))
    const reset = await resetOf(email)
    const done = await asBrowser(hub, old, '127.0.0.5')('PUT', '/v1/account/password-reset', { reset, password })
    const proved = browserOf(done)
    expect(proved).toMatch(/=[\w-]{43}$/)
    for (let count = 0; count < 5; count++) await enter('127.0.0.2', old, `guess number ${count}`)
    const code = async (from: string, cookie?: string) => (await enter(from, cookie, password)).body.code ?? 'ok'
    expect([await code('127.0.0.3', old), await code('127.0.0.1')]).toEqual(['sign_in_refused', 'sign_in_refused'])
    expect([await code('127.0.0.5'), await code('127.0.0.3', proved)]).toEqual(['ok', 'ok'])
  },
)

test('an expired link is invalid, and nobody receives too many letters', async () => {
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

test('owners and administrators get one letter about each finding of intrusion detection, and others get none', async () => {
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
