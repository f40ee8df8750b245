/** Security in a real browser: real attacks are found, shown with their evidence, undone and closed; rules are set. */
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { detectIntrusions } from '../../../apps/hub/src/intrusion/detection.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

/** Paths that a viewer may not change. */
const FORBIDDEN = [
  'sites/oslo',
  'devices/pump',
  'models/wear',
  'deployments/wear',
  'roles/own',
  'secrets/line',
  'users/x',
]

describe.skipIf(!hasBrowser)('security', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (path: string, options?: VisitOptions) => (await visits.visit(hub, { path, ...options })).page

  const newKey = async (name: string, role = 'viewer') =>
    (await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name, role } })).body.secret

  /** A viewer's key that tries forbidden changes. */
  async function probe(name: string): Promise<string> {
    const key = await newKey(name)
    for (const path of FORBIDDEN) await hub.ask('DELETE', `/v1/${path}`, { key })
    await hub.ask('PUT', '/v1/approval-rules', { key, body: {} })
    await detectIntrusions(hub.hub)
    return key
  }

  test('a finding appears at once, with its records and the response of the dry run, and is closed with a reason', async () => {
    const page = await visit('/')
    const link = page.locator('nav a[href="/security"]')
    expect(await link.textContent()).toBe('Security')
    await probe('press')
    await page.getByRole('link', { name: 'Security 1 waiting' }).click()
    await page.getByText('would lock the key (dry run)').waitFor()
    await page.getByRole('link', { name: 'Open: Permission probing, press' }).click()
    const drawer = page.getByRole('dialog', { name: 'Permission probing' })
    await drawer.getByText('A key or a person tries several actions').waitFor()
    await drawer.getByText('Critical').waitFor()
    await drawer.getByText('press could not remove the device').first().waitFor()
    const [record] = await drawer.getByRole('link', { name: /^Record \d+$/ }).all()
    const name = (await record?.getAttribute('aria-label')) ?? ''
    await drawer.getByRole('button', { name: 'Close the finding' }).click()
    const question = page.getByRole('dialog', { name: 'Close this finding?' })
    await question.getByLabel('Reason').fill('a misconfigured script')
    await question.getByRole('button', { name: 'Close the finding' }).click()
    await drawer.getByText('a misconfigured script').waitFor()
    await expect.poll(() => link.textContent()).toBe('Security')
    await record?.click()
    await page.getByRole('dialog', { name, exact: true }).getByText('permission_denied').first().waitFor()
  })

  test('the alert of a finding links to it', async () => {
    await probe('alarm')
    const page = await visit('/')
    await page.getByRole('button', { name: /^Alerts:/ }).click()
    await page.getByRole('menuitem', { name: /the key alarm/ }).click()
    await page.getByRole('dialog', { name: 'Permission probing' }).getByText('Key alarm').waitFor()
    await page.getByRole('link', { name: 'show' }).click()
    await page.getByRole('row', { name: /alarm/ }).waitFor()
  })

  test('a rule is set, and the automatic response of the hub is carried out, shown, and undone', async () => {
    const page = await visit('/security?tab=rules')
    await page.getByRole('button', { name: 'Change Permission probing' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Fires at').fill('3')
    await dialog.getByLabel('Then lock the key').selectOption('on')
    await dialog.getByText('The hub acts without approval').waitFor()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /Permission probing.*On.*set here.*3.*15 minutes.*lock the key/s }).waitFor()
    const key = await probe('locked')
    expect((await hub.ask('GET', '/v1/me', { key })).status).toBe(401)
    await page.getByRole('tab', { name: 'Findings' }).click()
    await page.getByRole('link', { name: 'Open: Permission probing, locked' }).click()
    const drawer = page.getByRole('dialog', { name: 'Permission probing' })
    await drawer.getByText('did lock the key', { exact: true }).waitFor()
    await drawer.getByRole('button', { name: 'Undo' }).click()
    const question = page.getByRole('dialog', { name: 'Undo the response of the hub?' })
    await question.getByLabel('Reason').fill('it was the new dashboard')
    await question.getByRole('button', { name: 'Undo' }).click()
    await drawer.getByText('did lock the key, undone').waitFor()
    expect((await hub.ask('GET', '/v1/me', { key })).status).toBe(200)
  })

  test('findings are filtered, in the address', async () => {
    const page = await visit('/security')
    await page.getByLabel('Status').selectOption('dismissed')
    await page.getByRole('link', { name: 'Open: Permission probing, press' }).waitFor()
    await page.getByRole('link', { name: 'Open: Permission probing, alarm' }).waitFor({ state: 'detached' })
    await expect.poll(() => page.url()).toContain('status=dismissed')
    await page.goto(`/security?q=${encodeURIComponent('finding.response == "undone"')}`)
    await page.getByRole('link', { name: 'Open: Permission probing, locked' }).waitFor()
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
    await page.goto('/security?finding=int_aaaaaaaaaaaa')
    await page.getByText('There is no such finding').waitFor()
    visits.forgive(/status of 404/)
  })

  test(
    'a viewer sees the missing permission; an auditor sees all and changes nothing',
    deep('the quick tests of sites, roles and receivers show the permission that a role lacks'),
    async () => {
      const vic = await visit('/security', { key: await newKey('vic') })
      await vic.getByText('You cannot do this, because the role viewer lacks intrusion.read').waitFor()
      const aud = await visit('/security?tab=rules', { key: await newKey('aud', 'auditor') })
      const change = aud.getByRole('button', { name: 'Change Mass change' })
      expect(await change.getAttribute('aria-disabled')).toBe('true')
    },
  )

  test(
    'the security page is accessible in both themes and on a tablet',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      await probe('gate')
      const page = await visit('/security?status=open')
      await page.getByRole('link', { name: 'Open: Permission probing, gate' }).click()
      await page.getByRole('dialog').getByText('gate could not remove the device').first().waitFor()
      await lookAt(page, 'finding')
      for (const [name, path, words] of [
        ['security', '/security', 'would lock the key (dry run)'],
        ['security-rules', '/security?tab=rules', 'Fires at'],
      ] as const) {
        await page.setViewportSize({ width: 1280, height: 800 })
        await page.goto(path)
        await page.getByText(words).first().waitFor()
        await lookAt(page, name)
        await page.setViewportSize({ width: 820, height: 1180 })
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      }
    },
  )
})
