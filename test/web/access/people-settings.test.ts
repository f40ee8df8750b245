/** Settings > People in a real browser: invitations, roles, sessions and rules, as those feel them whom they hit. */
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinPerson, newPerson, PASSWORD } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { enterAs } from '../stage/person.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('people in the settings', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    await joinPerson(hub, 'olga@example.com', hub.invitation)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const person = async (email: string, options?: VisitOptions) => {
    const { page } = await visits.visit(hub, { key: null, ...options })
    await enterAs(page, email)
    return page
  }

  const people = async (email: string, options?: VisitOptions) => {
    const page = await person(email, options)
    await page.goto('/settings?tab=people')
    await page.getByRole('table', { name: 'People' }).waitFor()
    return page
  }

  const openPerson = async (page: Page, name: string) => {
    await page.getByRole('button', { name: `Open ${name}`, exact: true }).click()
    const drawer = page.getByRole('dialog', { name, exact: true })
    await drawer.waitFor()
    return drawer
  }

  /** Why it may not be used. */
  const reasonOf = async (page: Page, button: ReturnType<Page['getByRole']>) => {
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.hover()
    // By its id: elements behind a dialog have no role.
    return page.locator('#tooltip').textContent()
  }

  test('an invitation is created, used in another browser, visible at once, and withdrawn', async () => {
    const page = await people('olga@example.com')
    await page.getByRole('button', { name: 'Invite' }).click()
    await page.getByLabel('E-mail address', { exact: true }).fill('nobody')
    await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click()
    await page.getByText('This is not an e-mail address').waitFor()
    await page.getByLabel('E-mail address', { exact: true }).fill('')
    await page.getByLabel('Role', { exact: true }).selectOption('editor')
    await page.getByLabel('People who may use it').fill('2')
    await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click()
    await page.getByRole('button', { name: 'Copy Invitation' }).click()
    const link = await page.evaluate<string>('navigator.clipboard.readText()')
    await page.getByRole('button', { name: 'Close' }).first().click()
    const open = page.getByRole('table', { name: 'Open invitations' })
    await open.getByRole('row', { name: /anyone with the link Editor 0 of 2/ }).waitFor()

    const { page: other } = await visits.visit(hub, { key: null })
    await other.goto(link)
    await other.getByLabel('E-mail address').fill('ed@example.com')
    await other.getByLabel('Your name').fill('Ed')
    await other.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await other.getByRole('button', { name: 'Create my account' }).click()
    await other.getByRole('button', { name: 'Account: Ed' }).waitFor()

    await page.getByRole('row', { name: /Ed ed@example.com Editor Off now/ }).waitFor()
    await open
      .getByRole('row', { name: /1 of 2/ })
      .getByRole('button', { name: 'Revoke' })
      .click()
    await page.getByText('Nobody else can join with its link. 1 person who did stays.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('None is open.').waitFor()
  })

  test('a new role, the end of a session and a removal take effect at once', async () => {
    await newPerson(hub, 'vera@example.com', 'auditor')
    const page = await people('olga@example.com')
    const vera = await person('vera@example.com')
    await vera.goto('/settings?tab=keys')
    const newKey = vera.getByRole('button', { name: 'New key' })
    expect(await reasonOf(vera, newKey)).toBe('You cannot do this, because the role auditor lacks key.write')
    let drawer = await openPerson(page, 'vera')
    const change = drawer.getByRole('button', { name: 'Change the role' })
    expect(await reasonOf(page, change)).toBe('This is the role already')
    await drawer.getByLabel('New role').selectOption('administrator')
    await change.click()
    const asked = page.getByRole('dialog', { name: 'Change vera from Auditor to Administrator?' })
    await asked.getByRole('button', { name: 'Change the role' }).click()
    await drawer.locator('dd').getByText('Administrator').waitFor()
    await vera.locator('button:has-text("New key"):not([aria-disabled=true])').waitFor()

    await drawer
      .getByRole('row', { name: /Chrome on Linux/ })
      .getByRole('button', { name: 'End' })
      .click()
    await page
      .getByRole('dialog', { name: 'End this session of vera?' })
      .getByRole('button', { name: 'End', exact: true })
      .click()
    await vera.getByText('Your session has ended').waitFor()

    await enterAs(vera, 'vera@example.com')
    drawer = page.getByRole('dialog', { name: 'vera', exact: true })
    await drawer.getByRole('button', { name: 'Remove' }).click()
    const removal = page.getByRole('dialog', { name: 'Remove vera from default?' })
    await removal.getByText('at once, and cannot sign in again').waitFor()
    expect(await removal.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true)
    await removal.getByLabel('Type vera@example.com to confirm').fill('vera@example.com')
    await removal.getByRole('button', { name: 'Remove' }).click()
    await vera.getByText('Your session has ended').waitFor()
    await page.getByRole('row', { name: /vera@/ }).waitFor({ state: 'detached' })
    // The browser itself logs requests of the session that is over, and of sessions of a removed person.
    visits.forgive(/status of (401|404)/)
  })

  test(
    'the last owner cannot leave that role, and the page says so',
    deep('the hub tests of people show that an organisation keeps an owner'),
    async () => {
      const page = await people('olga@example.com')
      const drawer = await openPerson(page, 'olga')
      await drawer.getByText('This is your own account').waitFor()
      await drawer.getByLabel('New role').selectOption('viewer')
      await drawer.getByRole('button', { name: 'Change the role' }).click()
      await page
        .getByRole('dialog', { name: /Change olga/ })
        .getByRole('button', { name: 'Change the role' })
        .click()
      await page.getByText('the organisation needs an owner').waitFor()
      visits.forgive(/status of 409/)
    },
  )

  test(
    'a sign-in rule lists the affected people before it takes effect',
    deep('hub tests show the rule; the quick tests show what else an owner sets'),
    async () => {
      await newPerson(hub, 'sam@example.com', 'supervisor')
      const page = await people('olga@example.com')
      const sam = await person('sam@example.com')
      expect(await reasonOf(page, page.getByRole('button', { name: 'Save' }))).toBe('Nothing is changed')
      await page.getByRole('checkbox', { name: 'Supervisor' }).check()
      await page.getByText('1 person without one: sam@example.com').waitFor()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog').getByText('1 person without one: sam@example.com').waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await sam.getByRole('heading', { name: 'Set up a second factor' }).waitFor()
      await page.getByRole('checkbox', { name: 'Supervisor' }).uncheck()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Nobody needs a second factor any more').waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      visits.forgive(/status of 403/)
    },
  )

  test(
    'missing permissions are explained: to a viewer, an auditor, and an administrator who would change an owner',
    deep('the quick test of another role shows the missing permission; hub tests show who may change whom'),
    async () => {
      await newPerson(hub, 'vic@example.com')
      await newPerson(hub, 'aud@example.com', 'auditor')
      await newPerson(hub, 'adam@example.com', 'administrator')
      const vic = await person('vic@example.com')
      await vic.goto('/settings?tab=people')
      await vic.getByText('You cannot do this, because the role viewer lacks user.read').waitFor()

      const aud = await people('aud@example.com')
      const missing = 'You cannot do this, because the role auditor lacks user.write'
      expect(await reasonOf(aud, aud.getByRole('button', { name: 'Invite' }))).toBe(missing)
      expect(await reasonOf(aud, aud.getByRole('button', { name: 'Save' }))).toBe(missing)
      expect(await aud.getByRole('checkbox', { name: 'Owner' }).isDisabled()).toBe(true)
      const seen = await openPerson(aud, 'vic')
      for (const name of ['Change the role', 'Remove', 'End'])
        expect(await reasonOf(aud, seen.getByRole('button', { name }).first()), name).toBe(missing)

      const adam = await people('adam@example.com')
      const above = await openPerson(adam, 'olga')
      for (const name of ['Change the role', 'Remove'])
        expect(await reasonOf(adam, above.getByRole('button', { name })), name).toBe(
          'You cannot give Owner, because it exceeds your own role. Ask an owner.',
        )
      await adam.keyboard.press('Escape')
      const below = await openPerson(adam, 'vic')
      expect(await below.getByRole('option', { name: 'Owner' }).isDisabled()).toBe(true)
    },
  )

  test(
    'no people page breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      await hub.ask('POST', '/v1/invitations', { body: { role: 'viewer', usesMax: 10 } })
      await hub.ask('POST', '/v1/invitations', { body: { role: 'supervisor', email: 'iris@example.com' } })
      const page = await people('olga@example.com')
      const look = async (name: string) => {
        await page.locator('body:not(:has([aria-label=Loading]))').waitFor()
        await lookAt(page, name)
      }
      await page.getByRole('table', { name: 'Open invitations' }).waitFor()
      await page.getByRole('checkbox', { name: 'Owner' }).waitFor()
      await look('people')
      await page.getByRole('button', { name: 'Invite' }).click()
      await page.getByLabel('People who may use it').waitFor()
      await look('invite')
      await page.keyboard.press('Escape')
      await openPerson(page, 'olga')
      await look('person')
    },
  )
})
