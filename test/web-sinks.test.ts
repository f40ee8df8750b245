/** Sinks in a real browser: listed, with what each device says of one, and removed with what that hits. */
import { ConnectionStatus } from '@skerry/contract/connection'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../apps/hub/test/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../apps/hub/test/test-device.ts'
import { axeViolations, hasBrowser, openBrowser, picture, THEMES } from './web-browser.ts'
import { openVisits } from './web-visits.ts'

let hub: TestHub
let browser: Browser
let gateway: TestDevice
const visits = openVisits(() => browser)

const SPEC = {
  name: 'plant-database',
  protocol: 'postgres',
  connection: { host: 'db.plant.example', database: 'p', user: 's' },
}

const card = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })

describe.skipIf(!hasBrowser)('sinks', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([openBrowser(), startTestHub()])
    gateway = await joinDevice(hub, { name: 'press-gateway', site: 'rotterdam' })
  })

  afterAll(async () => {
    await browser?.close()
    await hub?.[Symbol.asyncDispose]()
  })

  test('a sink without a flow is listed, shows what waits and is lost on each device, and is removed with what that hits', async () => {
    const { page } = await visits.visit(hub, { path: '/sinks' })
    await page.getByText('No sinks yet').waitFor()
    const body = { scope: 'site:rotterdam', spec: SPEC }
    expect((await hub.ask('PUT', '/v1/sinks/plant-database', { body })).status).toBe(200)
    using link = await openLink(hub, gateway)
    await link.client.report(reportOf())
    const status = ConnectionStatus.parse({
      ...{ kind: 'sink', name: 'plant-database', state: 'down', sinceMs: Date.now() },
      ...{ digest: `sha256:${'0'.repeat(64)}`, cause: { code: 'sink_denied', message: 'the password is wrong' } },
      figures: {
        valuesPerSecond: 0,
        rounds: 3,
        skipped: 0,
        lost: 7,
        crashes: 0,
        waiting: 1_200,
        waitingBytes: 4_096,
        oldestMs: 90_000,
      },
    })
    await link.client.connectionsHeld({ running: [status] })
    for (const theme of THEMES) {
      const { page: themed } = await visits.visit(hub, { path: '/sinks', theme })
      await themed.getByRole('link', { name: 'plant-database' }).waitFor()
      expect(await axeViolations(themed), `list, ${theme}`).toEqual([])
      await picture(themed, 'sinks', theme)
      await themed.getByRole('link', { name: 'plant-database' }).click()
      const row = card(themed, 'Devices').getByRole('row', { name: /press-gateway/ })
      await row.getByText('the password is wrong').waitFor()
      await row.getByText('1,200 (').waitFor()
      await card(themed, 'What it says').getByText('db.plant.example').waitFor()
      expect(await axeViolations(themed), `sink, ${theme}`).toEqual([])
      await picture(themed, 'sink', theme)
      // Whoever looks at what is removed is told so: that is not what this is about.
      await themed.close()
    }
    await page.goto('/sinks')
    await page.getByRole('link', { name: 'plant-database' }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 device').waitFor()
    await dialog.getByLabel('Type plant-database').fill('plant-database')
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sinks' }).waitFor()
    await page.getByText('No sinks yet').waitFor()
    expect((await hub.ask('GET', '/v1/sinks')).body).toEqual({ rows: [] })
  })
})
