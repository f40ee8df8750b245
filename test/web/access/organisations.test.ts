/** Organisations in a real browser: an operator makes, bounds, disables, enables and removes them, and sees nothing of what they have. */
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('organisations', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub({ hasOperator: true })])
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (options?: VisitOptions) =>
    (await visits.visit(hub, { key: hub.operatorKey, landing: 'Settings', ...options })).page

  test('an operator is led to the organisations, and finds no page about fleets', async () => {
    const page = await visit({ path: '/' })
    await page
      .getByRole('table', { name: 'Organisations' })
      .getByRole('row', { name: /default/ })
      .waitFor()
    expect(new URL(page.url()).pathname).toBe('/settings')
    const menu = page.getByRole('navigation').first()
    expect(await menu.getByRole('link').allInnerTexts()).toEqual(['Approvals', 'Security', 'Audit', 'Settings'])
    expect(await page.getByRole('tab').allInnerTexts()).not.toContain('Join tokens')
  })

  test('one is made, its first owner invited; bounded, disabled, enabled and removed, each with what it means', async () => {
    const page = await visit({ path: '/settings?tab=organisations' })
    await page.getByRole('button', { name: 'New organisation' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name', { exact: true }).fill('plant-north')
    await form.getByRole('button', { name: 'New organisation' }).click()
    const link = await page
      .getByRole('dialog')
      .getByText(/\/join#/)
      .textContent()
    expect(link).toContain(hub.url)
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    const row = page.getByRole('row', { name: /plant-north/ })
    await row.getByText('no owner yet').waitFor()

    await row.getByRole('button', { name: 'Quota of plant-north' }).click()
    await page.getByLabel('Devices', { exact: true }).fill('40')
    await page.getByLabel('Model files, GiB').fill('2.5')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await row.getByText('0 of 40').waitFor()
    await row.getByText('0 B of 2.5 GiB').waitFor()

    await row.getByRole('button', { name: 'Disable plant-north' }).click()
    await page
      .getByRole('dialog')
      .getByLabel(/reason/i)
      .fill('unpaid')
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await row.getByText('unpaid').waitFor()
    await row.getByRole('button', { name: 'Enable plant-north' }).click()
    await page
      .getByRole('dialog')
      .getByLabel(/reason/i)
      .fill('paid')
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click()
    await row.getByText('Active').waitFor()

    await row.getByRole('button', { name: 'Disable plant-north' }).click()
    await page
      .getByRole('dialog')
      .getByLabel(/reason/i)
      .fill('ended')
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await row.getByRole('button', { name: 'Remove plant-north' }).click()
    const removal = page.getByRole('dialog')
    await removal.getByLabel(/reason/i).fill('contract ended')
    await removal.getByLabel('Type plant-north').fill('plant-north')
    await removal.getByRole('button', { name: 'Remove' }).click()
    await row.getByText('Being removed').waitFor()
    expect(await row.getByRole('button').count()).toBe(0)
  })

  const names = async () => {
    const { body } = await hub.ask<{ rows: { name: string }[] }>('GET', '/v1/organisations', { key: hub.operatorKey })
    return body.rows.map(({ name }) => name)
  }

  test(
    'what a name cannot be is said at its field, and nothing is made',
    deep('the quick tests of sites show mistakes at their field; contract tests show which names count'),
    async () => {
      const before = await names()
      const page = await visit({ path: '/settings?tab=organisations' })
      await page.getByRole('button', { name: 'New organisation' }).click()
      const form = page.getByRole('dialog')
      await form.getByLabel('Name', { exact: true }).fill('operators')
      await form.getByRole('button', { name: 'New organisation' }).click()
      await form.getByText('The name must not be operators').waitFor()
      await form.getByLabel('Name', { exact: true }).fill('Plant North')
      await form.getByRole('button', { name: 'New organisation' }).click()
      await form.getByText(/The name must be 1 to 63/).waitFor()
      // The one that is being removed may have gone meanwhile.
      expect(before).toEqual(expect.arrayContaining(await names()))
    },
  )

  test(
    'an owner sees what the own organisation uses of what it may, and no others',
    deep('the hub tests of quotas show what an owner sees of the own organisation'),
    async () => {
      const quota = { devices: 10, requestsPerMinute: 5_000 }
      await hub.ask('PUT', '/v1/organisations/default/quota', { body: quota, key: hub.operatorKey })
      const page = await visit({ key: hub.ownerKey, landing: 'Overview', path: '/settings?tab=about' })
      await page.getByText('0 of 10').waitFor()
      expect(await page.getByRole('tab').allInnerTexts()).not.toContain('Organisations')
    },
  )

  /** A client that pays, and one that does not. */
  const makeClients = async () => {
    const ask = (method: string, path: string, body: object) => hub.ask(method, path, { body, key: hub.operatorKey })
    if ((await names()).includes('plant-south')) return
    for (const name of ['brewery-east', 'plant-south']) await ask('POST', '/v1/organisations', { name })
    await ask('PUT', '/v1/organisations/brewery-east/quota', { devices: 200, storageBytes: 50 * 1024 ** 3 })
    await ask('POST', '/v1/organisations/plant-south/disable', { reason: 'unpaid since August' })
  }

  test('no part of it breaks a rule of accessibility in either theme', async () => {
    await makeClients()
    const page = await visit({ path: '/settings?tab=organisations' })
    await page
      .getByRole('row', { name: /plant-south/ })
      .getByText('unpaid since August')
      .waitFor()
    await lookAt(page, 'organisations')
    await page.getByRole('button', { name: 'Quota of default' }).click()
    await page.getByLabel('Devices', { exact: true }).waitFor()
    await checkThemes(page, 'dialog')
  })
})
