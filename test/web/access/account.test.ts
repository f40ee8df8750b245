/** One's own account in a real browser: second factor, recovery codes, password, and sessions that end at once. */
import { readFile } from 'node:fs/promises'
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticatorCode, joinPerson, newPerson, PASSWORD } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { enterAs, shownSecret, typePassword } from '../stage/person.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let nowMs = Date.now()
const visits = openVisits(() => browser)

/** No code counts twice, and after several failures a person has to wait; here time passes. */
const later = (ms = 60_000) => {
  nowMs += ms
}

describe.skipIf(!hasBrowser)('my account', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([
      sharedBrowser(),
      startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } }),
    ])
    await joinPerson(hub, 'olga@example.com', hub.invitation)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const stranger = (options?: VisitOptions) => visits.visit(hub, { key: null, ...options })

  const person = async (email: string, options?: VisitOptions) => {
    const { page } = await stranger(options)
    await enterAs(page, email)
    return page
  }

  /** From the password to the codes. */
  async function setUp(page: Page): Promise<{ secret: string; codes: string[] }> {
    await page.getByLabel('Your password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Continue' }).click()
    const secret = await shownSecret(page)
    await page.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, nowMs))
    await page.getByRole('button', { name: 'Confirm' }).click()
    const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts()
    return { secret, codes }
  }

  test('an authenticator is set up, verified and requested; a recovery code signs in without it, once', async () => {
    await newPerson(hub, 'ann@example.com')
    const page = await person('ann@example.com')
    await page.getByRole('button', { name: 'Account: ann' }).click()
    await page.getByRole('menuitem', { name: 'My account' }).click()
    await page.getByRole('link', { name: 'Set up' }).click()
    await page.getByLabel('Your password').fill('not my password')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').getByText('The password is wrong').waitFor()
    await page.getByLabel('Your password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Continue' }).click()
    const secret = await shownSecret(page)
    await page.getByRole('button', { name: 'Copy Secret' }).click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret)
    await page.getByLabel('Code', { exact: true }).fill('12345')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('A code has six digits').waitFor()
    await page.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, nowMs - 3_600_000))
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('the code is wrong or too old').waitFor()
    await page.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, nowMs))
    await page.getByRole('button', { name: 'Confirm' }).click()
    const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts()
    expect(codes).toHaveLength(10)
    await page.getByRole('button', { name: 'Copy Recovery codes' }).click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(codes.join('\n'))
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    expect(await readFile(await file.path(), 'utf8')).toContain(codes.join('\n'))
    // The page keeps a person from leaving without them.
    expect(await page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true)
    await page.getByLabel('I have stored them').check()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('10 recovery codes left').waitFor()

    const { page: again } = await stranger()
    await typePassword(again, 'ann@example.com')
    await again.getByRole('heading', { name: 'Second factor' }).waitFor()
    await again.getByLabel('Code', { exact: true }).fill('12')
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByText('A code has six digits; a recovery code looks like').waitFor()
    await again.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, nowMs))
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByText('The code is wrong, too old, or was used before').waitFor()
    await again.getByLabel('Code', { exact: true }).fill(codes[0] ?? '')
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    // The other page gets the change.
    await page.getByText('9 recovery codes left').waitFor()
    later()
    const { page: third } = await stranger()
    await typePassword(third, 'ann@example.com')
    await third.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, nowMs))
    await third.getByRole('button', { name: 'Sign in' }).click()
    await third.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    later()
    await third.goto('/account')
    await third.getByRole('button', { name: 'Remove it' }).click()
    await third.getByRole('dialog').getByLabel('Current password').fill(PASSWORD)
    await third.getByRole('dialog').getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, nowMs))
    await third.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
    await third.getByRole('link', { name: 'Set up' }).waitFor()
    visits.forgive(/status of 401/)
  })

  test(
    'a person who must have a second factor can only set it up, and then returns to the page before',
    deep('the quick test sets up the same factor; hub tests show who must have one'),
    async () => {
      await newPerson(hub, 'flo@example.com', 'editor')
      const page = await person('flo@example.com')
      await page.goto('/models')
      await page.getByText('Live').waitFor()
      await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['editor'] } })
      // At once, on the page that is open.
      await page.getByText('default requires a second factor for the role editor').waitFor()
      expect(page.url()).toBe(`${hub.url}/second-factor?next=%2Fmodels`)
      await page.goto('/audit')
      await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await typePassword(page, 'flo@example.com')
      await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor()
      await page.goto('/models')
      await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor()
      await setUp(page)
      await page.getByLabel('I have stored them').check()
      await page.getByRole('button', { name: 'Done' }).click()
      await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
      await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] } })
      visits.forgive(/status of 403/)
    },
  )

  test(
    'a session that is ended elsewhere closes its page at once, and so does a new password',
    deep('hub tests show the same ends of sessions; web-console shows one in the browser'),
    async () => {
      await newPerson(hub, 'bob@example.com')
      const arrive = async () => {
        // The newest session stands first.
        later(1_000)
        return person('bob@example.com')
      }
      const here = await arrive()
      const there = await arrive()
      const far = await arrive()
      await here.goto('/account')
      const row = here.getByRole('row', { name: /Chrome on Linux/ })
      await expect.poll(() => row.count()).toBe(3)
      await here.getByRole('row', { name: /this one/ }).waitFor()
      await row.first().getByRole('button', { name: 'End', exact: true }).click()
      await here.getByText('Chrome on Linux from 127.0.0.1 is signed out at once').waitFor()
      await here.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
      await far.getByText('Your session has ended').waitFor()
      await expect.poll(() => row.count()).toBe(2)
      await here.getByRole('button', { name: 'End all others' }).click()
      await here.getByRole('dialog', { name: 'End 2 other sessions?' }).getByRole('button', { name: 'End all' }).click()
      await there.getByText('Your session has ended').waitFor()
      await expect.poll(() => row.count()).toBe(1)

      await enterAs(there, 'bob@example.com')
      await here.getByLabel('Current password').fill('not my password')
      await here.getByLabel('New password').fill('grey boats in the fog')
      await here.getByRole('button', { name: 'Change the password' }).click()
      await here.getByText('The current password or the code is wrong').waitFor()
      await here.getByLabel('Current password').fill(PASSWORD)
      await here.getByLabel('New password').fill('bob@example.com!')
      await here.getByRole('button', { name: 'Change the password' }).click()
      await here.getByText('Too weak').waitFor()
      await here.getByLabel('New password').fill('grey boats in the fog')
      await here.getByRole('button', { name: 'Change the password' }).click()
      await here.getByText('Your password is changed').waitFor()
      await there.getByText('Your session has ended').waitFor()
      await here.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
      visits.forgive(/status of 401/)
    },
  )

  test('an API key has no account, and the page says so', async () => {
    const { page } = await visits.visit(hub, { path: '/account' })
    await page.getByText('An API key has no account').waitFor()
    await page.goto('/second-factor')
    await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
    visits.forgive(/status of 403/)
  })

  test(
    'no account page breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      await newPerson(hub, 'vera@example.com', 'supervisor')
      const page = await person('vera@example.com')
      const look = async (name: string) => {
        await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
        await lookAt(page, name)
      }
      await page.goto('/account')
      await page.getByRole('row', { name: /this one/ }).waitFor()
      await look('account')
      await page.getByRole('link', { name: 'Set up' }).click()
      await page.getByLabel('Your password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Continue' }).click()
      const secret = await shownSecret(page)
      await look('second-factor')
      await page.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, nowMs))
      await page.getByRole('button', { name: 'Confirm' }).click()
      await page.getByRole('list', { name: 'Recovery codes' }).waitFor()
      await look('recovery-codes')
      const { page: again } = await stranger()
      await typePassword(again, 'vera@example.com')
      await again.getByRole('heading', { name: 'Second factor' }).waitFor()
      await lookAt(again, 'sign-in-code')
      visits.forgive(/status of 401/)
    },
  )
})
