/**
 * Signing in from elsewhere, in a real browser: with a real OpenID provider, and a command line that a person agrees
 * to.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../apps/cli/test/stage/cli.ts'
import { type OidcServer, startOidcServer } from '../../../apps/hub/test/sso/oidc-server.ts'
import { asBrowser, authenticatorCode, newPerson, PASSWORD } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { axeViolations, hasBrowser, newVisitor, sharedBrowser, signIn } from '../stage/browser.ts'

let hub: TestHub
let browser: Browser
let plant: OidcServer
let folder: TestFolder

const overview = (page: Page) => page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

async function typePassword(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

describe.skipIf(!hasBrowser)('signing in from elsewhere', () => {
  beforeAll(async () => {
    ;[browser, plant, folder] = await Promise.all([sharedBrowser(), startOidcServer(), openTestFolder()])
    hub = await startTestHub({
      host: 'localhost',
      providers: [plant.config({ roles: [{ group: 'staff', role: 'viewer' }] })],
    })
    plant.serve(`${hub.url}/sso`)
    await newPerson(hub, 'ann@example.com', 'editor')
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
    await plant?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  test('a button leads to the provider and back to the wanted page, and no trace of the answer stays', async () => {
    const { page, context } = await newVisitor(browser, { url: hub.url })
    plant.person = { sub: 'pia', email: 'pia@plant.example', email_verified: true, name: 'Pia', groups: ['staff'] }
    await page.goto('/devices')
    await page.getByRole('button', { name: 'Sign in with Plant account' }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Sign in with Plant account' }).click()
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor()
    await page.getByRole('button', { name: 'Account: Pia' }).waitFor()
    const kept = 'JSON.stringify({ ...localStorage, ...sessionStorage, url: location.href, cookie: document.cookie })'
    expect(await page.evaluate<string>(kept)).not.toMatch(/code=|state=|__Host/)
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__Host-skerry-attempt')
    await context.close()
  })

  test(
    'a person adds a provider to the own account, returns there, and removes it',
    deep('the quick test of signing in by the provider shows the way there and back'),
    async () => {
      const { page, context } = await newVisitor(browser, { url: hub.url })
      plant.person = { sub: 'ann', email: 'other@plant.example', email_verified: true, name: 'Ann', groups: ['staff'] }
      await page.goto('/account')
      await typePassword(page, 'ann@example.com')
      await page.getByRole('button', { name: 'Add Plant account' }).click()
      await page.getByRole('button', { name: 'Remove Plant account' }).waitFor()
      expect(page.url()).toBe(`${hub.url}/account`)
      expect(await axeViolations(page)).toEqual([])
      await page.getByRole('button', { name: 'Remove Plant account' }).click()
      await page.getByRole('button', { name: 'Add Plant account' }).waitFor()
      await context.close()
    },
  )

  test('a person without a group sees the reason, and an unrequested answer is rejected', async () => {
    const { page, context } = await newVisitor(browser, { url: hub.url })
    plant.person = { sub: 'eve', email: 'eve@plant.example', email_verified: true, name: 'Eve', groups: [] }
    await page.goto('/sign-in')
    await page.getByRole('button', { name: 'Sign in with Plant account' }).click()
    await page.getByText('none of your groups has a role here').waitFor()
    await page.goto('/sso?code=x&state=y')
    await page.getByText('start again').waitFor()
    await page.getByRole('link', { name: 'To the sign-in page' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    await context.close()
  })

  test(
    "if the provider checked one factor only, the person needs the hub's second one, if the role demands it",
    deep('hub tests show the factors of providers; the quick test signs in through one'),
    async () => {
      const cookie = await newPerson(hub, 'tim@plant.example')
      const own = asBrowser(hub, cookie)
      const { body } = await own('POST', '/v1/account/second-factor', { password: PASSWORD })
      const secret = String(body.secret)
      const made = await own('PUT', '/v1/account/second-factor', { code: authenticatorCode(secret, Date.now()) })
      const [code = ''] = made.body.recoveryCodes as string[]
      await hub.hub.store.transaction((tx) =>
        tx.updateTable('users').set({ email_verified: 1 }).where('email', '=', 'tim@plant.example').execute(),
      )
      await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['viewer'] } })
      plant.person = { sub: 'tim', email: 'tim@plant.example', email_verified: true, name: 'Tim', groups: ['staff'] }
      const { page, context } = await newVisitor(browser, { url: hub.url })
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'Sign in with Plant account' }).click()
      await page.getByText('Your provider required one factor only').waitFor()
      await page.getByLabel('Code').fill(code)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await overview(page)
      await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] } })
      await context.close()
    },
  )

  test("skerry login shows a link and a code; after consent it stores the person's key, readable by the file's owner only", async () => {
    const { page, context } = await newVisitor(browser, { url: hub.url })
    const { promise: link, resolve: onLink } = Promise.withResolvers<string>()
    const setting = { env: { SKERRY_HOME: folder.path }, onLink, nowMs: Date.now, answers: [] }
    const fingerprint = ['--ca-fingerprint', hub.hub.config.caFingerprint]
    const running = cli(['login', hub.url, '--expires-in', '7d', ...fingerprint], setting)
    await page.goto(await link)
    // A person who has not signed in does so first, and comes back.
    await typePassword(page, 'ann@example.com')
    await page.getByText('Does your terminal show this code?').waitFor()
    await page.getByText(new URL(await link).searchParams.get('code') ?? '').waitFor()
    await page.getByText('7 days').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByRole('heading', { name: 'Connected' }).waitFor()
    const { code, out, err } = await running
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('(editor of default)')
    const path = join(folder.path, 'cli.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const { key } = JSON.parse(await readFile(path, 'utf8')) as { key: string }
    expect(err).not.toContain(key)
    expect(out).not.toContain(key)
    await context.close()
  })

  test(
    'the own keys are listed and revoked in the account, and the list of all keys shows each owner',
    deep('the hub tests of logins show who owns a key; the quick command line login makes one'),
    async () => {
      const own = asBrowser(hub, await newPerson(hub, 'kay@example.com'))
      const { code, secret } = (await asBrowser(hub)('POST', '/v1/account/logins', { device: 'kay on laptop' })).body
      expect((await own('PUT', `/v1/account/logins/${code}`, {})).status).toBe(200)
      const made = await asBrowser(hub)('POST', '/v1/account/logins/key', { secret })
      expect(made.status, made.text).toBe(200)
      const owner = await newVisitor(browser, { url: hub.url })
      await signIn(owner, hub.ownerKey)
      await owner.page.goto('/settings?tab=keys')
      await owner.page.getByRole('row', { name: /kay@example\.com/ }).waitFor()
      await owner.context.close()
      const { page, context } = await newVisitor(browser, { url: hub.url })
      await page.goto('/account')
      await typePassword(page, 'kay@example.com')
      const keys = page.getByRole('table', { name: 'Your keys for the command line' })
      await keys.getByRole('button', { name: 'Revoke' }).waitFor()
      expect(await axeViolations(page)).toEqual([])
      await keys.getByRole('button', { name: 'Revoke' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByText('The key is revoked').waitFor()
      await keys.waitFor({ state: 'detached' })
      const key = String(made.body.secret)
      expect((await hub.ask<{ code: string }>('GET', '/v1/me', { key })).body.code).toBe('key_invalid')
      await context.close()
    },
  )

  test('skerry key ls shows the owner, and skerry logout revokes the key on the hub', async () => {
    const env = { SKERRY_HOME: folder.path }
    const { key } = JSON.parse(await readFile(join(folder.path, 'cli.json'), 'utf8')) as { key: string }
    const owner = { ...env, SKERRY_KEY: hub.ownerKey }
    expect((await cli(['key', 'ls'], { env: owner })).out).toMatch(/ann@example\.com/)
    expect(await cli(['logout'], { env })).toMatchObject({
      code: 0,
      out: expect.stringContaining('its key is revoked'),
    })
    await expect(stat(join(folder.path, 'cli.json'))).rejects.toThrow('ENOENT')
    expect((await hub.ask('GET', '/v1/me', { key })).status).toBe(401)
    expect(await cli(['logout'], { env })).toMatchObject({ code: 0, out: 'not signed in to any hub\n' })
  })

  test(
    'a person who types the code and refuses gives no key, and the command line reports it',
    deep('the quick test of skerry login takes the same page by the link'),
    async () => {
      const { page, context } = await newVisitor(browser, { url: hub.url })
      const lines: string[] = []
      const { promise: link, resolve: onLink } = Promise.withResolvers<string>()
      const fingerprint = ['--ca-fingerprint', hub.hub.config.caFingerprint]
      const home = join(folder.path, 'other')
      const running = cli(['login', hub.url, ...fingerprint], {
        env: { SKERRY_HOME: home },
        onLink,
        nowMs: Date.now,
        answers: lines,
      })
      const code = new URL(await link).searchParams.get('code') ?? ''
      await page.goto('/sign-in')
      await typePassword(page, 'ann@example.com')
      await overview(page)
      await page.goto('/connect')
      await page.getByLabel('Code').fill('nonsense')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByText('A code looks like BCDF-GHJK').waitFor()
      await page.getByLabel('Code').fill(code.toLowerCase().replace('-', ' '))
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('button', { name: 'It was not me' }).click()
      await page.getByRole('heading', { name: 'Denied' }).waitFor()
      expect(await running).toMatchObject({ code: 4, err: expect.stringContaining('code: login_refused') })
      await context.close()
    },
  )
})
