/** The guided tour on an empty hub: the sample data, the steps by keyboard, leaving, and the removal of the sample. */
import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let browser: Browser
const visits = openVisits(() => browser)

const FOCUSED = 'document.activeElement?.textContent ?? ""'

/** A step has a command to copy and three buttons. */
const KEYS_MAX = 6

describe.skipIf(!hasBrowser)('the guided tour', () => {
  beforeAll(async () => {
    browser = await sharedBrowser()
  })

  test('makes sample data, leads through the pages by keyboard, and leaves no trace after the removal', async () => {
    const hub = await visits.openHub()
    const { page } = await visits.visit(hub)
    await page.getByRole('button', { name: 'Show me around' }).click()
    const panel = page.getByRole('region', { name: 'Guided tour' })
    await panel.getByRole('heading', { name: 'The overview' }).waitFor()
    await page.getByRole('heading', { level: 2, name: 'Sample data' }).waitFor()
    await checkThemes(page, 'the first step')

    let now = 'The overview'
    const next = async (step: string, title: string) => {
      // The title of a step has the focus. "Next" is the last of the few buttons behind it.
      await expect.poll(() => page.evaluate<string>(FOCUSED)).toBe(now)
      for (let key = 0; key < KEYS_MAX && (await page.evaluate<string>(FOCUSED)) !== 'Next'; key += 1)
        await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await panel.getByRole('heading', { name: step }).waitFor()
      now = step
      await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
    }
    await next('A device runs everything', 'Devices')
    await panel.getByText('skerry device token create --site sample').waitFor()
    await next('A source reads a machine', 'Sources')
    await page.getByRole('link', { name: 'sample-pump' }).waitFor()
    await next('A model is signed', 'sample-anomaly')
    await next('A flow decides', 'sample-alarm')
    await checkThemes(page, 'a later step')

    // It can be left in the middle, also by a reload, and taken again.
    await page.reload()
    await panel.getByText('Step 5 of 6').waitFor()

    // The end is a command, or the values of the device that has joined by it.
    await panel.getByRole('button', { name: 'Next' }).click()
    await panel.getByText('No device has joined the site').waitFor()
    await panel.getByText('skerry device token create --site sample').waitFor()
    await joinDevice(hub, { name: 'sample-gateway', site: 'sample' })
    // The join of a test sets the site anew, and with it the mark of the sample.
    const marked = { kind: 'edge', labels: { 'sample-data': 'guided-tour' } }
    expect((await hub.ask('PUT', '/v1/sites/sample', { body: marked })).status).toBe(200)
    await panel.getByText('The device “sample-gateway” runs them').waitFor()
    await checkThemes(page, 'the end of the tour')
    await panel.getByRole('link', { name: 'See its values' }).click()
    await page.getByRole('heading', { level: 1, name: 'sample-gateway' }).waitFor()
    await page.goto('/')
    await panel.getByRole('button', { name: 'Finish' }).click()
    await panel.waitFor({ state: 'detached' })
    expect((await hub.ask('DELETE', '/v1/devices/sample-gateway')).status).toBe(200)
    await page.getByRole('button', { name: 'Show me around' }).waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Remove the sample data' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('The sample data are removed').waitFor()
    await page.getByRole('button', { name: 'Show me around' }).waitFor()
    const status = await hub.ask('GET', '/v1/status')
    expect(status.body).toMatchObject({ sites: 0, models: 0, deployments: 0 })
    expect((await hub.ask('GET', '/v1/sources')).body).toMatchObject({ rows: [] })
  })
})
