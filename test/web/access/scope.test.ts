/**
 * The console for a person whose role has a scope: the permitted parts are there, and the others show a message instead
 * of failing.
 */
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { permissionsOf } from '../../../packages/contract/src/people/permissions.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let key: string
const visits = openVisits(() => browser)

const SCOPE = 'site.name == "oslo"'

describe.skipIf(!hasBrowser)('a role with a scope', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    for (const site of ['oslo', 'bergen']) await joinDevice(hub, { site, name: `${site}-press` })
    const permissions = permissionsOf.administrator
    const made = await hub.ask('POST', '/v1/roles', { body: { name: 'oslo-lead', permissions, scope: SCOPE } })
    expect(made.status, made.text).toBe(200)
    key = (await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'lead', role: 'oslo-lead' } })).body
      .secret
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (options?: VisitOptions) => (await visits.visit(hub, { key, ...options })).page

  test('sees its devices and sites, counted, and none of the others', async () => {
    const page = await visit()
    await page.getByText('1 device at 1 site').waitFor()
    await page.getByText(`your role is limited to ${SCOPE}`).first().waitFor()
    await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
    await lookAt(page, 'overview-scope')
    await page.getByRole('button', { name: 'Alerts: unknown' }).click()
    await page.getByRole('menu').getByText(`your role is limited to ${SCOPE}`).waitFor()
    await page.keyboard.press('Escape')
    await page.goto('/sites')
    await page.getByText('oslo', { exact: true }).first().waitFor()
    expect(await page.getByText('bergen').count()).toBe(0)
    await page.goto('/sites/oslo')
    await page.getByRole('link', { name: 'oslo-press' }).waitFor()
    await page.goto('/devices')
    await page.getByRole('link', { name: 'oslo-press' }).waitFor()
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
    visits.forgive(/status of 403/)
  })

  test(
    'pages about the whole organisation say so, and do not repeat their requests',
    deep('hub tests show each refusal outside of a scope; the quick test shows the pages inside it'),
    async () => {
      const page = await visit()
      for (const path of [
        '/approvals',
        '/security',
        '/vulnerabilities',
        '/audit',
        '/settings?tab=roles',
        '/settings?tab=joining',
        '/settings?tab=tokens',
        '/settings?tab=keys',
      ]) {
        await page.goto(path)
        await page
          .getByText(/your role is limited to/)
          .first()
          .waitFor()
        expect(await page.getByText('This could not be loaded').count(), path).toBe(0)
      }
      visits.forgive(/status of 403/)
    },
  )
})
