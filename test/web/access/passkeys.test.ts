/** Passkeys in a real browser, with the virtual authenticator of Chromium: added, used, copied, removed. */
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinPerson, newPerson } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { plugIn } from '../stage/authenticator.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { enterAs, typePassword } from '../stage/person.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let nowMs = Date.now()
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('passkeys', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([
      sharedBrowser(),
      // [WebAuthn L3 5.1.2] They belong to a name, never to a number.
      startTestHub({ host: 'localhost', clock: { ...systemClock, nowMs: () => nowMs } }),
    ])
    await joinPerson(hub, 'olga@example.com', hub.invitation)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const stranger = async (options?: VisitOptions) => (await visits.visit(hub, { key: null, ...options })).page

  async function add(page: Page, name: string): Promise<void> {
    await page.goto('/account')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByLabel('Name of the passkey').inputValue()).toBe('Chrome on Linux')
    await dialog.getByLabel('Name of the passkey').fill(name)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('row', { name: new RegExp(name) }).waitFor()
  }

  async function enter(page: Page): Promise<void> {
    await page.goto('/sign-in')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
  }

  const overview = (page: Page) => page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

  test('a person adds a passkey, signs in with it alone, renames and removes it', async () => {
    await newPerson(hub, 'ann@example.com')
    const page = await stranger()
    const key = await plugIn(page)
    await enterAs(page, 'ann@example.com')
    await add(page, 'desk key')
    expect(await key.credentials()).toHaveLength(1)
    // The authenticator itself reports that it has one.
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click()
    await page.getByText('This authenticator has a passkey for you already').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Account: ann' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await enter(page)
    await overview(page)
    await page.goto('/account')
    const row = page.getByRole('row', { name: /desk key/ })
    await row.getByText('on one device').waitFor()
    await row.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('dialog').getByLabel('Name of the passkey').fill('drawer key')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page
      .getByRole('row', { name: /drawer key/ })
      .getByRole('button', { name: 'Remove' })
      .click()
    await page.getByText('It is your last one').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('You have none yet').waitFor()
    const other = await stranger()
    await (await plugIn(other)).take((await key.credentials())[0] ?? expect.unreachable())
    await enter(other)
    await other.getByText('the passkey is unknown').waitFor()
    visits.forgive(/status of 403/)
  })

  test('a copied passkey with an older counter is rejected, and so is one without verification of the person', async () => {
    await newPerson(hub, 'bob@example.com')
    const page = await stranger()
    const key = await plugIn(page)
    await enterAs(page, 'bob@example.com')
    await add(page, 'thumb')
    const [copied = expect.unreachable()] = await key.credentials()
    await enter(page)
    await overview(page)
    const thief = await stranger()
    const stolen = await plugIn(thief)
    await stolen.take({ ...copied, signCount: 0 })
    await enter(thief)
    await thief.getByText('the passkey is unknown').waitFor()
    const { rows } = (
      await hub.ask<{ rows: { result: string; detail: { reason?: string } }[] }>(
        'GET',
        '/v1/audit?action=account.signIn&newestFirst=true&limit=1',
      )
    ).body
    expect(rows[0]).toMatchObject({ result: 'passkey_refused', detail: { reason: expect.stringContaining('counter') } })
    await key.verifies(false)
    await enter(page)
    await page.getByText('Nothing was chosen, or it took too long').waitFor()
    visits.forgive(/status of 403/)
  })

  test(
    'a passkey counts as a second factor, also after a sign-in with a password',
    deep('hub tests show that a passkey is a factor; the quick test signs in with one'),
    async () => {
      await newPerson(hub, 'flo@example.com', 'editor')
      const page = await stranger()
      await plugIn(page)
      await enterAs(page, 'flo@example.com')
      await add(page, 'face')
      await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['editor'] } })
      // A passkey that was added in this session has proved it.
      await page.goto('/models')
      await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
      await typePassword(page, 'flo@example.com')
      await page.getByText('Use your passkey').waitFor()
      expect(await axeViolations(page)).toEqual([])
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await overview(page)
      await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] } })
      visits.forgive(/status of 403/)
    },
  )

  test(
    'an old session cannot add a passkey, and leads to the sign-in and back',
    deep('hub tests show how old a session may be; the quick test adds a passkey'),
    async () => {
      await newPerson(hub, 'gus@example.com')
      const page = await stranger()
      await plugIn(page)
      await enterAs(page, 'gus@example.com')
      nowMs += 900_000
      await page.goto('/account')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click()
      await page.getByText('This needs a recent sign-in').waitFor()
      await page.getByRole('button', { name: 'Sign in again' }).click()
      await page.getByText('Your session has ended').waitFor()
      expect(page.url()).toContain('next=%2Faccount')
      visits.forgive(/status of 403/)
    },
  )

  test(
    'a page under an IP address offers no passkeys, and says why',
    deep('a case of one kind of address; the quick tests show passkeys at a name'),
    async () => {
      await newPerson(hub, 'ivy@example.com')
      const numbered = hub.url.replace('localhost', '127.0.0.1')
      const { page } = await visits.visit({ url: numbered, ownerKey: hub.ownerKey }, { key: null })
      await enterAs(page, 'ivy@example.com')
      await page.goto('/account')
      await page.getByRole('button', { name: 'Add a passkey' }).hover()
      await page.getByText('because the address of this page is a number').first().waitFor()
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'Use an API key' }).waitFor()
      expect(await page.getByRole('button', { name: 'Use a passkey' }).count()).toBe(0)
    },
  )

  test(
    'no passkeys page breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      await newPerson(hub, 'vera@example.com')
      const page = await stranger()
      await plugIn(page)
      await enterAs(page, 'vera@example.com')
      await add(page, 'desk key')
      await page.getByRole('row', { name: /desk key/ }).scrollIntoViewIfNeeded()
      await lookAt(page, 'passkeys')
      await page
        .getByRole('row', { name: /desk key/ })
        .getByRole('button', { name: 'Remove' })
        .click()
      await page.getByRole('dialog').waitFor()
      await checkThemes(page, 'dialog')
    },
  )
})
