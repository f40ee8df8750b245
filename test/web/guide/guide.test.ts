/** The documentation site in a real browser, as a hub serves it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HubProgram, newHubHome, startHub } from '../../../examples/stage/fleet.ts'
import { buildGuide, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

/** [Issue 29] Bytes on the wire until the first page stands. */
const FIRST_LOAD_MAX_BYTES = 150_000

let folder: string
let hub: HubProgram
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the documentation site', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-guide-'))
    const home = await newHubHome(folder)
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(home), buildGuide()])
  })

  afterAll(async () => {
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const openGuide = async (page: Page, path: string) => {
    await page.goto(`/guide/${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('load')
  }

  test('its first page needs no sign-in, at most 150 kB, and nothing from elsewhere', async () => {
    const { page, problems } = await visits.visit(hub, { key: null })
    await openGuide(page, '')
    // An idle browser fetches further pages ahead. They are no part of the first load.
    const bytes = await page.evaluate<number>(
      `const ahead = new Set([...document.querySelectorAll('link[rel="prefetch"]')].map(({ href }) => href));
      performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
        .filter(({ name }) => !ahead.has(name)).reduce((sum, entry) => sum + entry.transferSize, 0)`,
    )
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_MAX_BYTES)
    expect(problems).toEqual([])
  })

  test('its search finds an error code and leads to its place, without any other host', async () => {
    const { page, problems } = await visits.visit(hub, { key: null })
    await openGuide(page, '')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('searchbox').fill('golden_reference_differs')
    await page.getByRole('option').first().click()
    await page.waitForURL(/\/guide\/reference\/errors(\.html)?#golden_reference_differs$/)
    await page.locator('#golden_reference_differs').waitFor()
    expect(problems).toEqual([])
  })

  const checkPage = async (path: string) => {
    const { page, problems } = await visits.visit(hub, { key: null })
    await openGuide(page, path)
    await checkThemes(page, path)
    expect(problems).toEqual([])
  }

  test.each(['', 'tutorials/data-scientist'])('axe finds nothing on /%s, in both themes', checkPage)

  test.for(['guide/architectures', 'guide/sizing', 'reference/errors', 'errors/selector_invalid', 'errors/'])(
    'axe finds nothing on /%s, in both themes',
    deep('long pages of the same parts; the quick tests look at two pages'),
    checkPage,
  )

  test('the console leads to it', async () => {
    const { page } = await visits.visit(hub)
    await page.goto('/settings?tab=about')
    await page.getByRole('link', { name: 'Open the documentation' }).click()
    await page.waitForURL(/\/guide\/$/)
  })
})
