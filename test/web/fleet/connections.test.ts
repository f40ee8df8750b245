/**
 * Connections of the console in a real browser, which opens six to a hub. Pages that a person left, and other tabs, must
 * not use them up.
 */
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, openBrowser } from '../stage/browser.ts'
import { openVisits } from '../stage/visits.ts'

/** More than the connections of a browser to one host, and more than the pages in its cache. */
const LOADS = 9
const TABS = 8

let browser: Browser
const { openHub, visit } = openVisits(() => browser)

const newSite = (hub: TestHub, name: string) =>
  hub.ask('PUT', `/v1/sites/${name}`, { body: { kind: 'edge', country: 'NO' } })

/** Shows that the page follows the hub: it fetches nothing on a timer. */
const sees = (page: Page, site: string) => page.getByText(site, { exact: true }).first().waitFor()

describe.skipIf(!hasBrowser)('connections', () => {
  beforeAll(async () => {
    browser = await openBrowser({ hasPageCache: true })
  })

  afterAll(() => browser?.close())

  test(
    'pages in the back/forward cache hold no connection, and follow the hub again when they return',
    deep('nine loads of a page; the test of many tabs shows that they use up no connections'),
    async () => {
      const hub = await openHub()
      await newSite(hub, 'oslo')
      const { page } = await visit(hub)
      await page.addInitScript("addEventListener('pageshow', ({ persisted }) => { window.isRestored = persisted })")
      for (let load = 0; load < LOADS; load += 1) {
        await page.goto(`/sites?load=${load}`)
        await sees(page, 'oslo')
      }
      await newSite(hub, 'bergen')
      await sees(page, 'bergen')
      await page.goBack({ waitUntil: 'commit' })
      await sees(page, 'bergen')
      expect(await page.evaluate('window.isRestored')).toBe(true)
      await newSite(hub, 'molde')
      await sees(page, 'molde')
      expect(await page.getByRole('alert').count()).toBe(0)
    },
  )

  test('any number of tabs follow the hub, also after the tab that follows for all is closed', async () => {
    const hub = await openHub()
    await newSite(hub, 'oslo')
    const { page: first, context } = await visit(hub, { path: '/sites' })
    const others: Page[] = []
    for (let tab = 1; tab < TABS; tab += 1) {
      const page = await context.newPage()
      await page.goto('/sites')
      others.push(page)
    }
    await newSite(hub, 'bergen')
    for (const page of [first, ...others]) await sees(page, 'bergen')
    await first.close()
    await newSite(hub, 'molde')
    for (const page of others) await sees(page, 'molde')
  })
})
