/** Settings > Roles in a real browser: the matrix, and a role of one's own from its making to its end. */
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('roles in the settings', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    for (const site of ['oslo', 'bergen']) await joinDevice(hub, { site })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (options?: VisitOptions) =>
    (await visits.visit(hub, { path: '/settings?tab=roles', ...options })).page

  const newKey = async (name: string, role: string) =>
    (await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name, role } })).body.secret

  test(
    'the matrix says what each built-in role may do, and leads to who has it',
    deep('the hub test of the permission matrix says the same; the quick tests make and give roles'),
    async () => {
      const page = await visit()
      const matrix = page.getByRole('table', { name: 'Built-in roles' })
      const row = matrix.getByRole('row', { name: /^organisation\.write/ })
      await row.waitFor()
      expect(await row.getByRole('img', { name: 'yes' }).count()).toBe(1)
      expect(
        await matrix
          .getByRole('row', { name: /^fleet\.read/ })
          .getByRole('img', { name: 'yes' })
          .count(),
      ).toBe(6)
      await matrix.getByRole('link', { name: '1 key' }).click()
      await page.getByRole('row', { name: /owner.*this session/ }).waitFor()
      await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('key.role == "owner"')
    },
  )

  test('a role is made with a scope that is counted meanwhile, given to a key, changed, and removed once nobody has it', async () => {
    const page = await visit()
    await page.getByText('None yet.').waitFor()
    await page.getByRole('button', { name: 'New role' }).click()
    const form = page.getByRole('dialog', { name: 'New role' })
    await form.getByLabel('Name').fill('oslo-operator')
    await form.getByLabel('Begin with').selectOption('supervisor')
    expect(await form.getByRole('checkbox', { name: 'batch.send' }).isChecked()).toBe(true)
    await form.getByRole('checkbox', { name: 'batch.send' }).uncheck()
    await form.getByLabel('What it is for').fill('who is on shift in Oslo')
    await form.getByLabel('Counts where').fill('site.name == ')
    await form.getByText(/not a selector/).waitFor()
    await form.getByLabel('Counts where').fill('site.name == "oslo"')
    await form.getByText('1 of 2 devices now').waitFor()
    await form.getByRole('button', { name: 'Save' }).click()
    const own = page.getByRole('table', { name: 'Roles of your own' })
    await own.getByRole('row', { name: /oslo-operator.*on shift.*site.name == "oslo".*nobody/s }).waitFor()

    await page.goto('/settings?tab=keys')
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name').fill('night')
    await page.getByLabel('Role', { exact: true }).selectOption('oslo-operator')
    await page.getByRole('dialog').getByRole('button', { name: 'New key' }).click()
    await page.getByText('This is the only time').waitFor()
    await page.goto('/settings?tab=roles')
    await own.getByRole('link', { name: '1 key' }).waitFor()
    const remove = own.getByRole('button', { name: 'Remove oslo-operator' })
    expect(await remove.getAttribute('aria-disabled')).toBe('true')

    await own.getByRole('button', { name: 'Change oslo-operator' }).click()
    const change = page.getByRole('dialog', { name: 'Change the role oslo-operator' })
    await change.getByRole('checkbox', { name: 'model.write' }).check()
    await change.getByLabel('Counts where').fill('')
    await change.getByRole('button', { name: 'Save' }).click()
    await own.getByRole('row', { name: /oslo-operator.*everywhere/s }).waitFor()
    const { body } = await hub.ask<{ permissions: string[]; scope?: string }>('GET', '/v1/roles/oslo-operator')
    expect(body.scope).toBeUndefined()
    expect(body.permissions).toContain('model.write')

    const { rows } = (await hub.ask<{ rows: { id: string; name: string }[] }>('GET', '/v1/keys')).body
    await hub.ask('POST', `/v1/keys/${rows.find(({ name }) => name === 'night')?.id}/revoke`)
    await own.getByText('nobody').waitFor()
    await remove.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('None yet.').waitFor()
    visits.forgive(/status of 400/)
  })

  test('nobody puts in what goes beyond their own role; who may not look is told so', async () => {
    const adam = await visit({ key: await newKey('adam', 'administrator') })
    await adam.getByRole('button', { name: 'New role' }).click()
    const beyond = adam.getByRole('checkbox', { name: 'organisation.write' })
    await beyond.waitFor()
    expect(await beyond.isDisabled()).toBe(true)
    const aud = await visit({ key: await newKey('aud', 'auditor') })
    expect(await aud.getByRole('button', { name: 'New role' }).getAttribute('aria-disabled')).toBe('true')
    const vic = await visit({ key: await newKey('vic', 'viewer') })
    await vic.getByText('Needs role.read, which a viewer does not have').waitFor()
  })

  test('no part of it breaks a rule of accessibility in either theme', async () => {
    const role = { permissions: ['fleet.read', 'device.write'], scope: 'site.name == "bergen"', description: 'Bergen' }
    await hub.ask('POST', '/v1/roles', { body: { name: 'bergen', ...role } })
    const page = await visit()
    await page.getByRole('row', { name: /^bergen/ }).waitFor()
    await lookAt(page, 'roles')
    await page.getByRole('button', { name: 'Change bergen' }).click()
    await page.getByText('1 of 2 devices now').waitFor()
    await lookAt(page, 'role')
    await page.setViewportSize({ width: 820, height: 1180 })
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})
