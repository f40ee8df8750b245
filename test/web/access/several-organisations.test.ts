/**
 * A person with several organisations in a real browser: switching between them, and two pages that do not fight over
 * the organisation.
 */
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieOf, signIn } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { personOfTwo } from '../../stage/several-organisations.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, takePictures } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let northKey: string
let browser: Browser
const visits = openVisits(() => browser)

const OTHER = 'plant-north'
const whereOf = (page: Page) => page.getByRole('button', { name: /^Organisation: / })
const isIn = (page: Page, name: string) => page.getByRole('button', { name: `Organisation: ${name}` }).waitFor()
const moved = (page: Page) => page.getByRole('dialog', { name: /This browser is in/ })

describe.skipIf(!hasBrowser)('several organisations', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    northKey = await personOfTwo(hub, 'ann@example.com', OTHER)
    for (const name of ['oslo', 'bergen']) await hub.ask('PUT', `/v1/sites/${name}`, { body: { kind: 'edge' } })
    await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'onprem' }, key: northKey })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  /** Signed in as a browser would be after the sign-in page. */
  const visit = async (path: string, options: VisitOptions = {}) => {
    const visitor = await visits.visit(hub, { ...options, key: null })
    const [name = '', value = ''] = cookieOf(await signIn(hub, 'ann@example.com', { organisation: 'default' })).split(
      '=',
    )
    await visitor.context.addCookies([{ name, value, url: hub.url, secure: true, httpOnly: true, sameSite: 'Strict' }])
    await visitor.page.addInitScript(`localStorage.setItem('skerry-session-until', '${Date.now() + 3_600_000}')`)
    await visitor.page.goto(path)
    await isIn(visitor.page, 'default')
    return visitor
  }

  const choose = async (page: Page, name: string) => {
    await whereOf(page).click()
    await page.getByRole('menuitem', { name: new RegExp(name) }).click()
  }

  test('a switch keeps the page if the other organisation has it, opens the overview otherwise, and survives a reload', async () => {
    const { page } = await visit('/sites/oslo')
    await checkThemes(page, 'a page with the menu')
    await whereOf(page).click()
    await page.getByRole('menuitem', { name: new RegExp(OTHER) }).waitFor()
    await takePictures(page, 'organisation-menu')
    await page.getByRole('menuitem', { name: new RegExp(OTHER) }).click()
    await isIn(page, OTHER)
    await page.getByRole('heading', { level: 1, name: 'oslo' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/sites/oslo')
    await page.reload()
    await isIn(page, OTHER)
    await choose(page, 'default')
    await isIn(page, 'default')
    await page.goto('/sites/bergen')
    await page.getByRole('heading', { level: 1, name: 'bergen' }).waitFor()
    await choose(page, OTHER)
    await isIn(page, OTHER)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    visits.forgive(/404/)
  })

  test('the palette switches, too', deep('the quick test of the menu goes to the other organisation'), async () => {
    const { page } = await visit('/devices')
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder(/Type a page/).fill('north')
    await page.getByRole('option', { name: `Go to ${OTHER}` }).click()
    await isIn(page, OTHER)
    expect(new URL(page.url()).pathname).toBe('/devices')
  })

  test(
    'a person with one organisation, and a key, see its name and no menu',
    deep('all quick tests of people with one organisation see no menu'),
    async () => {
      const { page } = await visits.visit(hub, { path: '/sites' })
      await page.getByRole('banner').getByText('default').waitFor()
      expect(await whereOf(page).count()).toBe(0)
    },
  )

  test(
    'after a switch in one page the other one waits for a choice and keeps its input, and then both agree',
    deep('two pages at once are rare; the quick test switches one'),
    async () => {
      const { page: first, context } = await visit('/sites')
      await first.goto('/sites?new=true')
      await first.getByRole('dialog').getByLabel('Name', { exact: true }).fill('half-typed')
      const second = await context.newPage()
      await second.goto('/sites')
      await isIn(second, 'default')
      await choose(second, OTHER)
      await isIn(second, OTHER)

      await moved(first).waitFor()
      expect(await axeViolations(first)).toEqual([])
      await first.keyboard.press('Escape')
      await moved(first).getByRole('button', { name: 'Back to default' }).click()
      await moved(first).waitFor({ state: 'detached' })
      expect(await first.getByLabel('Name', { exact: true }).inputValue()).toBe('half-typed')

      await moved(second).waitFor()
      await moved(second).getByRole('button', { name: 'Continue in default' }).click()
      await isIn(second, 'default')
      await second.getByText('bergen').first().waitFor()
      await first.keyboard.press('Escape')
      await isIn(first, 'default')
      expect(await moved(first).count()).toBe(0)
      visits.forgive(/409/)
    },
  )

  test('an organisation that demands a second factor says so, and the person stays in the current one', async () => {
    await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: ['viewer'] }, key: northKey })
    const { page } = await visit('/devices')
    await choose(page, OTHER)
    await page.getByText(`You cannot go to ${OTHER} yet`).waitFor()
    await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
    await isIn(page, 'default')
    await hub.ask('PUT', '/v1/sign-in-rules', { body: { secondFactorFor: [] }, key: northKey })
    visits.forgive(/403/)
  })
})
