/**
 * Deployments in a real browser: changed by two people at once, looked back on, taken back and removed; and every page
 * of them by the rules of accessibility.
 */
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { FREE_MODEL, MODEL, openDeployFleet } from '../stage/deploy-fleet.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let browser: Browser
let hub: TestHub
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('changing deployments', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), openDeployFleet()])
    await apply('pumps', {
      version: '@best',
      selector: 'site.country == "DE" || device.labels.line == "4"',
      strategy: { waves: [{ name: 'canary', limit: 1, soakSeconds: 300 }], onFailure: 'rollback-all' },
    })
    await apply('pumps', { version: '2', selector: 'site.country == "DE"' })
    await apply('everywhere', { version: '2' })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const apply = (name: string, spec: object) =>
    hub.ask('PUT', `/v1/deployments/${name}`, { body: { deployable: MODEL, ...spec } })
  const visit = (path: string, options?: VisitOptions) => visits.visit(hub, { path, ...options })
  const specOf = async (name: string) => (await hub.ask<{ spec: object }>('GET', `/v1/deployments/${name}`)).body.spec
  const step = (page: Page, heading: string) => page.getByRole('heading', { level: 2, name: heading })

  test("if two people change a deployment at once, both see the other's change, and none is overwritten unseen", async () => {
    await apply('shared', { version: '1', selector: 'site.name == "lyon"' })
    const { page } = await visit('/deploy?from=shared')
    await page.getByText('This creates its revision 2').waitFor()
    await page.getByLabel('Version').selectOption('2')
    await page.getByRole('button', { name: /^Review/ }).click()
    await page.getByRole('row', { name: /version 1 2/ }).waitFor()
    await apply('shared', { version: '1', selector: 'site.name == "dublin"' })
    await page.getByText('Somebody changed it meanwhile', { exact: true }).waitFor()
    await page.getByText('You started from revision 1, but revision 2 is current').waitFor()
    await page
      .getByRole('row', { name: /selector site.name == "lyon" site.name == "dublin"/ })
      .first()
      .waitFor()
    const go = page.getByRole('button', { name: /^Deploy/ })
    expect(await go.getAttribute('aria-disabled')).toBe('true')
    await page.getByRole('button', { name: 'Discard my changes' }).click()
    await page.getByText('Nothing would change', { exact: true }).first().waitFor()
    await page.goto('/deploy?from=shared&at=1')
    await page.getByRole('button', { name: /^Review/ }).click()
    await page.getByRole('button', { name: /^Deploy/ }).click()
    await page.getByRole('heading', { level: 1, name: 'shared, revision 3' }).waitFor()
    expect(await specOf('shared')).toMatchObject({ version: '1', selector: 'site.name == "lyon"' })
  })

  test(
    'a hub that rejects because of a change that the page does not know yet shows the same question',
    deep('the quick test of two people at once shows the same question for a change that the page has heard of'),
    async () => {
      await apply('unheard', { version: '1' })
      const visitor = await visit('/deploy?from=unheard')
      const { page } = visitor
      await page.getByText('This creates its revision 2').waitFor()
      await page.getByLabel('Version').selectOption('2')
      await page.getByRole('button', { name: /^Review/ }).click()
      await page.getByRole('row', { name: /version 1 2/ }).waitFor()
      // Nothing of the change reaches the list that the page knows.
      await page.route('**/v1/deployments?*', (route) => route.abort())
      await apply('unheard', { version: '1', selector: 'false' })
      await page.getByRole('button', { name: /^Deploy/ }).click()
      await page.getByText('Somebody changed it meanwhile', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Keep my changes' }).click()
      await page.getByRole('button', { name: /^Deploy/ }).click()
      await page.getByRole('heading', { level: 1, name: 'unheard, revision 3' }).waitFor()
      // The browser itself logs the interrupted requests and the 412 on its console.
      visitor.problems.length = 0
    },
  )

  test('a deployment shows its revisions, the causes that hold devices back, and why a device runs it or not', async () => {
    await apply('unheard', { version: '1' })
    const { page } = await visit('/deployments')
    await page.getByRole('row', { name: /pumps pump:2/ }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('deployment.conflicts > 0')
    await page.getByRole('row', { name: /everywhere pump:2/ }).waitFor()
    await page.goto('/deployments/pumps')
    await page.getByRole('row', { name: /2 now pump:2 .* owner/ }).waitFor()
    await page.getByRole('button', { name: 'Compare revision 1 with now' }).click()
    await page
      .getByRole('dialog')
      .getByRole('row', { name: /strategy.onFailure rollback-all pause/ })
      .waitFor()
    await page.getByLabel('From', { exact: true }).selectOption('2')
    await page.getByRole('dialog').getByText('There is no difference').waitFor()
    await page.keyboard.press('Escape')
    await page.getByLabel('Device', { exact: true }).fill('device-0014')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('the selector does not pick it').first().waitFor()
    const isOne = 'document.documentElement.scrollHeight <= innerHeight'
    expect(await page.evaluate<boolean>(isOne), 'the page has one scrollbar').toBe(true)
    await page.getByRole('button', { name: 'Roll back to revision 1' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Choose another strategy' }).click()
    await step(page, 'What should run?').waitFor()
    expect(await page.getByLabel('Version').inputValue()).toBe('@best')
    await page.goto('/deployments/unheard')
    await page.getByRole('link', { name: 'pumps', exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText(/\d+ devices? will stop serving pump/).waitFor()
    await page.getByLabel('Type unheard to confirm').fill('unheard')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('unheard is removed').waitFor()
    expect((await hub.ask('GET', '/v1/deployments/unheard')).status).toBe(404)
  })

  const CONDITIONS = 'site.country in ["DE", "FR"] && device.labels.line == "4"'

  test(
    'no step and no page breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      const draft = `model=${FREE_MODEL}&version=@stable&name=presses&to=${encodeURIComponent(CONDITIONS)}&onFailure=rollback-all&waves=${encodeURIComponent(
        JSON.stringify([
          { name: 'canary', limit: '1', soak: '5m' },
          { limit: '25%', soak: '1h', failures: '2%', executed: '5' },
        ]),
      )}`
      const pages = [
        ['deploy-what', `/deploy?${draft}&serving=${encodeURIComponent('{"instances":2}')}`, 'Deploy a model'],
        ['deploy-where', `/deploy?${draft}&step=where`, 'Deploy a model'],
        ['deploy-how', `/deploy?${draft}&step=how`, 'Deploy a model'],
        ['deploy-review', `/deploy?${draft}&step=review`, 'Deploy a model'],
        ['deploy-change', `/deploy?from=pumps&at=1&step=review`, 'Change pumps'],
        ['deployments', '/deployments', 'Deployments'],
        ['deployment', '/deployments/pumps', 'pumps'],
      ] as const
      const { page } = await visit('/')
      for (const [name, path, title] of pages) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
        await page.locator('main:not(:has([aria-label=Loading])):not(:has([aria-busy=true]))').waitFor()
        await lookAt(page, name)
      }
      await page.goto(`/deploy?${draft}&step=where`)
      await page.getByRole('tab', { name: /Not picked/ }).click()
      await page.getByText('device.labels.line is 2').first().waitFor()
      await lookAt(page, 'deploy-why-not')
    },
  )

  test('devices that lose the model are listed, and nothing happens before a confirmation', async () => {
    const { page } = await visit(
      `/deploy?from=everywhere&name=everywhere&model=${MODEL}&version=2&to=false&base=1&step=review`,
    )
    await page.getByText(/^The selector picks no device: \d+ devices lose the model, and none keeps it$/).waitFor()
    const go = page.getByRole('button', { name: /^Deploy/ })
    expect(await go.getAttribute('aria-disabled')).toBe('true')
    await page.getByText('Confirm first that devices lose the model.').waitFor()
    await page.getByLabel(/I have seen that \d+ devices will lose the model/).check()
    await go.click()
    await page.getByRole('heading', { level: 1, name: 'everywhere, revision 2' }).waitFor()
    await page.getByText('removal', { exact: true }).first().waitFor()
  })
})
