/** People in a real browser: from the link of an empty hub to the first owner, and every way in from there. */
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Mailbox, mailOptions, openMailbox } from '../../../apps/hub/test/stage/mailbox.ts'
import { asBrowser, newPerson, PASSWORD } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let mailbox: Mailbox
let nowMs = Date.now()
const visits = openVisits(() => browser)

/** After several failures a person has to wait; here time passes between two tests. */
const later = (ms = 3_600_000) => {
  nowMs += ms
}

describe.skipIf(!hasBrowser)('people', () => {
  beforeAll(async () => {
    ;[browser, mailbox] = await Promise.all([sharedBrowser(), openMailbox()])
    hub = await startTestHub({ mail: mailOptions(mailbox), clock: { ...systemClock, nowMs: () => nowMs } })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
    await mailbox?.close()
  })

  const stranger = (options?: VisitOptions) => visits.visit(hub, { key: null, ...options })

  test('the link of an empty hub creates the first owner, who is signed in at once', async () => {
    const { page, context } = await stranger()
    await page.goto('/join')
    await page.getByRole('heading', { name: 'This page needs the link of an invitation' }).waitFor()
    await page.goto(`/join#invitation=${hub.invitation}`)
    await page.getByRole('heading', { name: 'Welcome' }).waitFor()
    // Neither the address nor anything that it leaves behind holds the secret.
    expect(page.url()).toBe(`${hub.url}/join`)
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByText('This is not an e-mail address').waitFor()
    await page.getByText('Type your name').waitFor()
    await page.getByLabel('E-mail address').fill('Olga@Example.com')
    await page.getByLabel('Your name').fill('Olga')
    await page.getByLabel('Password', { exact: true }).fill('short')
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByText('At least 12 characters; these are 5').waitFor()
    await page.getByLabel('Password', { exact: true }).fill('olga@example.com!')
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByText('Too weak').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Create my account' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.getByRole('button', { name: 'Account: Olga' }).waitFor()
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' })
    const kept = await page.evaluate<string>(
      'JSON.stringify({ ...localStorage, ...sessionStorage, url: location.href, cookie: document.cookie })',
    )
    expect(kept).not.toMatch(/si_|__Host|lantern/)
    // The invitation counted only once.
    const second = await stranger()
    await second.page.goto(`/join#invitation=${hub.invitation}`)
    await second.page.getByLabel('E-mail address').fill('eve@example.com')
    await second.page.getByLabel('Your name').fill('Eve')
    await second.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await second.page.getByRole('button', { name: 'Create my account' }).click()
    await second.page.getByText('the invitation is unknown, used up').waitFor()
    visits.forgive(/status of 403/)
  })

  test('people sign in with address and password, and reach the wanted page', async () => {
    const { page } = await stranger()
    await page.goto('/settings?tab=keys')
    await page.getByText('Your session has ended').waitFor()
    await page.getByLabel('E-mail address').fill('olga@')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This is not an e-mail address').waitFor()
    await page.getByLabel('E-mail address').fill('olga@example.com')
    await page.getByRole('button', { name: 'Show the password' }).click()
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('type')).toBe('text')
    await page.keyboard.press('Tab')
    await page.getByLabel('Password', { exact: true }).press('Enter')
    await page.getByRole('tab', { name: 'API keys', selected: true }).waitFor()
    await page.getByRole('button', { name: 'Account: Olga' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.goto('/')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test(
    'a locked address shows the remaining wait, and the page unlocks afterwards',
    deep('hub tests show when an address is locked and let go'),
    async () => {
      later()
      await newPerson(hub, 'gus@example.com')
      const { page } = await stranger()
      await page.clock.install()
      await page.goto('/sign-in')
      await page.getByLabel('E-mail address').fill('gus@example.com')
      const submit = page.getByRole('button', { name: 'Sign in' })
      const password = page.getByLabel('Password', { exact: true })
      for (let count = 1; count < 5; count++) {
        await password.fill(`guess number ${count}`)
        await submit.click()
        await page.getByRole('alert').getByText('E-mail address or password is wrong').waitFor()
      }
      await password.fill('guess number 5')
      await submit.click()
      await page
        .getByRole('timer')
        .getByText(/Too many wrong attempts. You can try again in 0:(30|29)\./)
        .waitFor()
      expect(await submit.isDisabled()).toBe(true)
      expect(await axeViolations(page)).toEqual([])
      later(31_000)
      await page.clock.fastForward(31_000)
      await page.getByText('You can try again now').waitFor()
      await password.fill(PASSWORD)
      await submit.click()
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
      visits.forgive(/status of 401/)
    },
  )

  test('a forgotten password is replaced once, with the link of a mail', async () => {
    later()
    const own = asBrowser(hub, await newPerson(hub, 'ann@example.com'))
    const login = (await asBrowser(hub)('POST', '/v1/account/logins', { device: 'laptop' })).body
    await own('PUT', `/v1/account/logins/${login.code}`, {})
    const made = await asBrowser(hub)('POST', '/v1/account/logins/key', { secret: login.secret })
    expect(made.status, made.text).toBe(200)
    const { page } = await stranger()
    await page.goto('/sign-in')
    await page.getByLabel('E-mail address').fill('ann@example.com')
    await page.getByRole('button', { name: 'Forgot your password?' }).click()
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('ann@example.com')
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
    await page.getByText('If ann@example.com has an account here').waitFor()
    const letter = () => mailbox.letters.find((each) => each.includes('To: ann@example.com'))
    await expect.poll(letter).toBeDefined()
    const link = /https:\S+#reset=\S+/.exec(letter() ?? '')?.[0] ?? ''
    await page.goto(link)
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
    expect(page.url()).toBe(`${hub.url}/reset`)
    const choose = async (password: string) => {
      await page.getByLabel('New password').fill(password)
      await page.getByRole('button', { name: 'Set the password' }).click()
    }
    // If the address was never proved before, nothing of the account stays.
    await page.getByText('Another person may have set these up').waitFor()
    await page.getByRole('listitem').getByText('The key laptop-').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await choose('too short')
    await page.getByText('At least 12 characters; these are 9').waitFor()
    // Only the hub knows whose link it is.
    await choose('ann@example.com!')
    await page.getByText('the password contains the name or the address').waitFor()
    await choose('grey boats in the fog')
    await page.getByRole('heading', { name: 'Your new password is set' }).waitFor()
    await page.getByRole('list', { name: 'Removed:' }).getByText('The key laptop-').waitFor()
    await page.getByRole('link', { name: 'To the sign-in' }).click()
    await page.getByLabel('E-mail address').fill('ann@example.com')
    await page.getByLabel('Password', { exact: true }).fill('grey boats in the fog')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.goto(link)
    await choose('another try with it')
    await page.getByText('the link is unknown, used or too old').waitFor()
    visits.forgive(/status of (422|403)/)
  })

  test(
    'no page before the sign-in breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      const { page } = await stranger()
      const look = async (name: string) => {
        await lookAt(page, name)
      }
      await page.goto('/sign-in')
      await page.getByLabel('E-mail address').waitFor()
      await look('sign-in')
      await page.getByRole('button', { name: 'Use an API key' }).click()
      await page.getByLabel('API key').waitFor()
      await look('sign-in-key')
      await page.goto(`/join#invitation=${hub.invitation}`)
      await page.getByRole('heading', { name: 'Welcome' }).waitFor()
      await look('join')
      await page.goto(`/reset#reset=${'A'.repeat(43)}`)
      await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
      await look('reset')
      // The link counts for nothing, so the hub shows nothing of an account.
      visits.forgive(/status of 403/)
    },
  )
})
