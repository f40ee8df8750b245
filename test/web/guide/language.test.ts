/** The language of the console: a choice in the settings changes words, numbers and times, and English stays elsewhere. */
import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { unfitting } from '../stage/cut-text.ts'
import { checkThemes, openPage } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the language of the console', () => {
  beforeAll(async () => {
    browser = await sharedBrowser()
  })

  test('German is chosen in the settings, and stays; pages without a translation are English', async () => {
    const hub = await visits.openHub()
    const { page } = await visits.visit(hub)
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await openPage(page, '/settings?tab=about', 'Settings')
    await page.getByLabel('Language', { exact: true }).selectOption('de')
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor()
    await openPage(page, '/', 'Übersicht')
    await page.getByText('0 von 4 erledigt').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    await checkThemes(page, 'the overview in German')
    await openPage(page, '/sinks', 'Senken')
    expect(await unfitting(page)).toEqual([])
    await openPage(page, '/deploy', 'Modell bereitstellen')
    await checkThemes(page, 'the wizard for deployments in German')
    expect(await unfitting(page)).toEqual([])
    await openPage(page, '/devices', 'Geräte')
    await page.getByRole('navigation', { name: 'Hauptmenü' }).getByRole('link', { name: 'Modelle' }).click()
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
  })
})
