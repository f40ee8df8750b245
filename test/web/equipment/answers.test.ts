/** Answers to alerts in a real browser: a person acknowledges a source that is down, shelves it, and returns it. */
import { ConnectionStatus } from '@skerry/contract/connections/connection'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulatorSource } from '../../../apps/hub/test/stage/made-things.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let link: Awaited<ReturnType<typeof openLink>>
const visits = openVisits(() => browser)

/** The source has been down for nine minutes. */
async function reportDown(): Promise<void> {
  const status = {
    kind: 'source',
    name: 'press',
    state: 'down',
    sinceMs: Date.now() - 9 * 60_000,
    digest: `sha256:${'0'.repeat(64)}`,
    cause: { code: 'source_lost', message: 'connect ECONNREFUSED 10.0.0.5:502' },
    figures: { valuesPerSecond: 0, rounds: 3, skipped: 0, lost: 0, crashes: 0 },
  }
  await link.client.report(reportOf())
  await link.client.held({ name: 'connections', held: { running: [ConnectionStatus.parse(status)] } })
}

describe.skipIf(!hasBrowser)('answers to alerts', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    link = await openLink(hub, await joinDevice(hub, { name: 'gateway-1', site: 'berlin' }))
    expect((await hub.ask('PUT', '/v1/sources/press', { body: { spec: simulatorSource('press') } })).status).toBe(200)
  })

  afterAll(async () => {
    link?.[Symbol.dispose]()
    await hub?.[Symbol.asyncDispose]()
  })

  test('an alert is acknowledged on the overview, is quiet, and is shelved on the page of the device', async () => {
    await reportDown()
    const { page } = await visits.visit(hub, { path: '/' })
    const alerts = page.getByRole('list', { name: 'Needs attention' })
    const alert = alerts.getByRole('listitem').filter({ hasText: 'press on gateway-1' })
    await alert.getByRole('button', { name: 'Acknowledge' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Comment').fill('The press is off for cleaning')
    await checkThemes(page, 'the dialog of an acknowledgement')
    await dialog.getByRole('button', { name: 'Acknowledge' }).click()
    await alert.getByText(/Acknowledged by owner.*The press is off for cleaning/).waitFor()
    expect(await alert.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
    await checkThemes(page, 'an acknowledged alert')

    await page.goto('/devices/gateway-1')
    await page.getByRole('button', { name: 'Shelve' }).click()
    const shelf = page.getByRole('dialog')
    expect(await shelf.getByRole('button', { name: 'Shelve' }).isDisabled()).toBe(true)
    await shelf.getByLabel('For how long').selectOption('4')
    await shelf.getByLabel('Reason').fill('The line is rebuilt')
    await shelf.getByRole('button', { name: 'Shelve' }).click()
    await page.getByText(/Shelved by owner until.*The line is rebuilt/).waitFor()
    await checkThemes(page, 'a shelved alert on the page of a device')
    await page.getByRole('button', { name: 'Unshelve' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Unshelve' }).click()
    await page.getByText(/Acknowledged by owner/).waitFor()
  })
})
