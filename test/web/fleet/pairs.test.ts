/** Pairs in a real browser: the card of a pair, and the button that switches it. */
import type { Pair } from '@skerry/contract/pairs/pair'
import { until } from '@skerry/testkit/until'
import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { openPairSite } from '../../../apps/hub/test/stage/fleet/pair-site.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let browser: Browser
const { openHub, visit } = openVisits(() => browser)

describe.skipIf(!hasBrowser)('pairs', () => {
  beforeAll(async () => {
    browser = await sharedBrowser()
  })

  test('a person switches a pair after a question, and is told why it cannot be switched twice', async () => {
    const hub = await openHub()
    using site = await openPairSite(hub, 'plant')
    const spec = {
      members: ['plant-a', 'plant-b'],
      witness: 'plant-w',
      address: '10.0.0.50/24',
      interface: 'eth0',
    }
    const { body: pair } = await hub.ask<Pair>('POST', '/v1/pairs/line', { body: { spec } })
    const { page } = await visit(hub)
    await page.goto('/sites/plant')
    const card = page.locator('section', { has: page.getByRole('heading', { name: 'Pair line' }) })
    const button = card.getByRole('button', { name: 'Switch over' })
    await button.waitFor()
    // Nobody has reported to be active.
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await site.report(pair.id, 'w', { role: 'witness' })
    await site.report(pair.id, 'a', { role: 'active', reason: 'start' })
    await site.report(pair.id, 'b', { role: 'passive' })
    await page.reload()
    await card.getByText('Protected').waitFor()
    await checkThemes(page, 'the card of a pair')
    await button.click()
    const dialog = page.getByRole('dialog', { name: 'Switch line to plant-b?' })
    await dialog.getByText('until plant-b has taken over').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    const read = async () => (await hub.ask<Pair>('GET', '/v1/pairs/line')).body
    expect((await read()).switchTo).toBeUndefined()
    await button.click()
    await dialog.getByRole('button', { name: 'Switch over' }).click()
    await until(async () => (await read()).switchTo === 'plant-b', { seen: read })
    await card.getByText('A switch to plant-b is ordered.').waitFor()
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.hover()
    await page.getByRole('tooltip').getByText('A switch to plant-b is ordered.').waitFor()
  })
})
