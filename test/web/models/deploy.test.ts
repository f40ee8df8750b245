/** The deploy wizard in a real browser, on a real hub whose devices are rows. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, newVisitor, sharedBrowser, signIn } from '../stage/browser.ts'
import { MODEL, openDeployFleet, ownersCli } from '../stage/deploy-fleet.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let browser: Browser
let hub: TestHub
let second: TestHub
let viewerKey: string
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the deploy wizard', () => {
  beforeAll(async () => {
    ;[browser, hub, second] = await Promise.all([sharedBrowser(), openDeployFleet(), openDeployFleet()])
    const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
    viewerKey = made.body.secret
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
    await second?.[Symbol.asyncDispose]()
  })

  const visit = (path: string, options?: VisitOptions) => visits.visit(hub, { path, ...options })
  const specOf = async (from: TestHub, name: string) =>
    (await from.ask<{ spec: object }>('GET', `/v1/deployments/${name}`)).body.spec

  const step = (page: Page, heading: string) => page.getByRole('heading', { level: 2, name: heading })
  const next = (page: Page) => page.getByRole('button', { name: 'Next' })
  const counted = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text })

  test('a person deploys a model to chosen devices, by mouse', async () => {
    const { page } = await visit('/')
    await page.getByRole('link', { name: 'Deployments' }).click()
    await page.getByText('No deployments yet').waitFor()
    await page.getByRole('button', { name: 'Deploy' }).click()
    await page.getByLabel('Model', { exact: true }).selectOption(MODEL)
    await page.getByLabel('Version').selectOption('@best')
    await page.getByText('It is version 1 now').waitFor()
    await page.getByLabel('Name of the deployment').fill('Pumps!')
    await page.getByText('1 to 63 of a-z').waitFor()
    expect(await next(page).getAttribute('aria-disabled')).toBe('true')
    await page.getByLabel('Name of the deployment').fill('pumps')
    await page.getByText('A new deployment.').waitFor()
    await next(page).click()

    await step(page, 'On which devices?').waitFor()
    await counted(page, '17 of 20 devices').waitFor()
    await page.getByRole('button', { name: 'Add a condition' }).click()
    await page.getByLabel('Field of condition 1').selectOption('site.country')
    await page.getByRole('button', { name: 'Use DE in condition 1' }).click()
    await counted(page, '12 of 20 devices').waitFor()
    await page.getByRole('button', { name: 'Add a condition' }).click()
    await page.getByLabel('Field of condition 2').selectOption('device.labels')
    await page.getByLabel('Label of condition 2').fill('line')
    await page.getByLabel('Value of condition 2').fill('4')
    await page.getByLabel('A device is picked when').selectOption('or')
    await counted(page, '2 excluded').waitFor()
    await page.getByRole('tab', { name: /Excluded/ }).click()
    await page.getByText('the device waits for approval').first().waitFor()
    await page.getByRole('tab', { name: /Not picked/ }).click()
    await page.getByText('site.country is FR').first().waitFor()
    expect(await page.getByLabel('Selector').inputValue()).toBe('site.country == "DE" || device.labels.line == "4"')
    await next(page).click()

    await page.getByRole('radio', { name: 'Canary' }).check()
    expect(await page.getByLabel('At most').isVisible(), 'the details of a preset are folded').toBe(false)
    await page.getByText('Change the details').click()
    await page.getByLabel('Unit of the limit').selectOption({ label: 'devices' })
    await page.getByLabel('At most').fill('1')
    await page.getByText('11 devices').waitFor()
    await page.getByLabel('Stays healthy for').fill('a while')
    await page.getByText('a time such as 90s').waitFor()
    await page.getByLabel('Stays healthy for').fill('5')
    await page.getByLabel('Unit of the soak time').selectOption({ label: 'minutes' })
    await next(page).click()

    await page.getByText('The deployment pumps asks for the version of pump that @best names (version 1 now)').waitFor()
    await page.getByRole('button', { name: 'Deploy to 12 devices' }).click()
    await page.getByRole('heading', { level: 1, name: 'pumps, revision 1' }).waitFor()
    expect(await specOf(hub, 'pumps')).toMatchObject({
      version: '@best',
      selector: 'site.country == "DE" || device.labels.line == "4"',
      strategy: { waves: [{ name: 'canary', limit: 1, soakSeconds: 300 }], onFailure: 'rollback-all' },
    })
  })

  test('a model that is deployed already starts with the strategy of its deployment', async () => {
    const { page } = await visit(`/deploy?model=${MODEL}`)
    await page.getByText('A new deployment. Its strategy is that of the deployment pumps.').waitFor()
    await next(page).click()
    expect(await page.getByLabel('Selector').inputValue()).toBe('true')
    await next(page).click()
    expect(await page.getByLabel('At most').inputValue()).toBe('1')
    expect(await page.getByLabel('Stays healthy for').inputValue()).toBe('5')
    expect(await page.getByLabel('Unit of the soak time').inputValue()).toBe('m')
    await page.goto(`/deploy?model=${MODEL}&name=pumps&version=2`)
    await page.getByText('All settings start as they are there.').waitFor()
    await checkThemes(page, 'a deploy wizard with settings of a deployment')
    expect(await page.getByLabel('Version').inputValue()).toBe('2')
    await next(page).click()
    await counted(page, '12 of 20 devices').waitFor()
  })

  test(
    'a person deploys a model by keyboard alone',
    deep('the quick journey by mouse takes the same steps, and web-console goes by keyboard'),
    async () => {
      // The other hub has no deployment whose strategy the wizard would begin with.
      const { page } = await visits.visit(second, { path: '/' })
      await page.keyboard.press('Control+k')
      await page.getByPlaceholder(/Type a page/).fill('deploy a')
      await page.getByRole('option', { name: 'Deploy a model' }).waitFor()
      await page.keyboard.press('Enter')
      await step(page, 'What should run?').waitFor()
      const tabTo = async (name: string) => {
        for (let count = 0; count < 80; count++) {
          await page.keyboard.press('Tab')
          const focused = await page.evaluate<string>(
            '(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.labels?.[0]?.innerText ?? document.activeElement?.innerText ?? "").trim()',
          )
          if (focused === name) return
        }
        throw new Error(`no way to ${name} by keyboard`)
      }
      await tabTo('Model')
      await page.keyboard.press('p')
      await tabTo('Name of the deployment')
      await page.keyboard.press('Control+a')
      await page.keyboard.type('by-hand')
      await page.keyboard.press('Enter')
      await step(page, 'On which devices?').waitFor()
      await tabTo('Selector')
      await page.keyboard.press('Control+a')
      await page.keyboard.type('site.kind == "cloud" || device.cpus < 0')
      await counted(page, '0 of 20 devices').waitFor()
      await tabTo('Next')
      await page.keyboard.press('Enter')
      await step(page, 'How should it roll out?').waitFor()
      await tabTo('All at once')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      expect(await page.getByRole('radio', { name: 'Staged' }).isChecked()).toBe(true)
      await page.keyboard.press('Enter')
      await step(page, 'Is this right?').waitFor()
      await tabTo('Deploy')
      await page.getByText('A new deployment', { exact: true }).waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'by-hand, revision 1' }).waitFor()
    },
  )

  test(
    'conditions become text, and text becomes conditions if they can express it',
    deep('the quick journey by mouse makes conditions, and core tests turn them into text and back'),
    async () => {
      const { page } = await visit(`/deploy?model=${MODEL}&step=where`)
      const text = page.getByLabel('Selector')
      await text.fill('site.kind in ["edge", "cloud"] && !has(device.labels.line)')
      await page.getByRole('listitem', { name: 'Condition 2' }).waitFor()
      expect(await page.getByLabel('Comparison of condition 2').inputValue()).toBe('has-not')
      await page.getByRole('button', { name: 'Remove condition 2' }).click()
      expect(await text.inputValue()).toBe('site.kind in ["edge", "cloud"]')
      await page.getByRole('button', { name: 'Use cloud in condition 1' }).click()
      expect(await text.inputValue()).toBe('site.kind in ["edge"]')
      await text.fill('device.labels.exists(key, key == "team/owner")')
      await page.getByText('Conditions cannot express this selector').waitFor()
      await counted(page, '0 of 20 devices').waitFor()
      expect(await page.getByRole('listitem', { name: 'Condition 1' }).count()).toBe(0)
      await text.fill('site.city == "Bonn"')
      await page.getByText('site has no city').waitFor()
      expect(await next(page).getAttribute('aria-disabled')).toBe('true')
      await page.getByRole('button', { name: 'Start over with conditions' }).click()
      await page.getByText('No condition: every device is picked.').waitFor()
      expect(await text.inputValue()).toBe('true')
      await page.getByLabel('Find a device').fill('dublin')
      await page.getByRole('tab', { name: /Excluded/ }).click()
      await page.getByText('update its agent or export with an older opset').waitFor()
    },
  )

  test(
    'the address contains the whole draft: a reload, the back button and a shared link show the same',
    deep('the quick tests open the wizard by addresses that hold a draft'),
    async () => {
      const { page } = await visit(`/deploy?model=${MODEL}&version=1`)
      await page.getByText('The deployment keeps this version').waitFor()
      await next(page).click()
      await page.getByLabel('Selector').fill('site.name == "lyon"')
      await next(page).click()
      await page.getByRole('radio', { name: 'Your own' }).check()
      await page.getByRole('button', { name: 'Add a wave' }).click()
      await page.getByLabel('At most').nth(1).fill('50%')
      await page.waitForURL(/50%25/)
      await page.reload()
      expect(await page.getByLabel('At most').nth(1).inputValue()).toBe('50')
      expect(await page.getByLabel('Unit of the limit').nth(1).inputValue()).toBe('%')
      await page.goBack()
      await expect.poll(() => page.getByLabel('Selector').inputValue()).toBe('site.name == "lyon"')
      await page.goForward()
      await page.getByLabel('At most').nth(1).waitFor()
      const other = await visit(page.url().replace(hub.url, ''))
      expect(await other.page.getByLabel('At most').nth(1).inputValue()).toBe('50')
      await other.page.getByRole('button', { name: /^What/ }).click()
      expect(await other.page.getByLabel('Version').inputValue()).toBe('1')
    },
  )

  test(
    'a copied manifest makes the identical deployment on another hub',
    deep('core tests show that a manifest is read back as it was; this one runs the command line too'),
    async () => {
      const wave = { limit: '25%', to: 'site.kind == "edge"', soak: '1m' }
      const drafts: [string, Record<string, unknown>][] = [
        [
          'line',
          { version: '@best', to: `site.country == "DE" && device.name != "it's"`, waves: [wave], offline: 'skip' },
        ],
        [
          'file',
          {
            version: '2',
            waves: [{ ...wave, name: 'a' }, { failures: '3%' }],
            serving: { instances: '2' },
            probation: { seconds: '0' },
          },
        ],
      ]
      for (const [name, draft] of drafts) {
        const search = new URLSearchParams({ step: 'review', name, model: MODEL })
        for (const [key, value] of Object.entries(draft))
          search.set(key, typeof value === 'string' && key !== 'version' ? value : JSON.stringify(value))
        const { page } = await visit(`/deploy?${search}`)
        const copy = async (what: string) => {
          await page.getByRole('button', { name: `Copy the ${what}` }).click()
          await page.getByRole('button', { name: 'Copied' }).first().waitFor()
          return page.evaluate<string>('navigator.clipboard.readText()')
        }
        const yaml = await copy('YAML')
        const command = await copy('command')
        await page.getByRole('button', { name: /^Deploy/ }).click()
        await page.getByRole('heading', { level: 1, name: `${name}, revision 1` }).waitFor()
        const made = await specOf(hub, name)
        const dry = await ownersCli(second, ['apply', '-f', '-', '--dry-run'], yaml)
        expect(dry).toMatchObject({ code: 0, out: `Deployment ${name} would be created\n` })
        expect((await ownersCli(second, ['apply', '-f', '-'], yaml)).code).toBe(0)
        expect(await specOf(second, name)).toEqual(made)
        // On the hub on which it was made, the same document changes nothing.
        expect((await ownersCli(hub, ['apply', '-f', '-', '--dry-run'], yaml)).out).toBe(
          `Deployment ${name} unchanged\n`,
        )
        if (name === 'file') {
          expect(command).toBe('skerry apply -f file.yaml')
          continue
        }
        await second.ask('DELETE', `/v1/deployments/${name}`)
        const { stdout } = await promisify(execFile)('bash', ['-c', `printf '%s\\0' ${command}`])
        const ran = await ownersCli(second, stdout.split('\0').slice(1, -1))
        expect(ran, command).toMatchObject({ code: 0 })
        expect(await specOf(second, name)).toEqual(made)
      }
    },
  )

  test('a viewer sees the effect of a deployment, and the permission that the button needs', async () => {
    const { page } = await visit(`/deploy?model=${MODEL}&name=mine&step=review`, { key: viewerKey })
    await page.getByText('A new deployment', { exact: true }).waitFor()
    const go = page.getByRole('button', { name: /^Deploy/ })
    expect(await go.getAttribute('aria-disabled')).toBe('true')
    await page.getByText('You cannot do this, because the role viewer lacks deployment.write').waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.locator('nav[aria-label=Steps] p').getByText('Review').waitFor()
    const plan = page.getByRole('table', { name: 'Dry run' })
    await plan.getByRole('columnheader', { name: 'Takes' }).waitFor()
    const isWhole =
      'document.querySelector("table[aria-label=\\"Dry run\\"]").getBoundingClientRect().right <= innerWidth'
    expect(await page.evaluate<boolean>(isWhole), 'no column of the plan is cut on a phone').toBe(true)
    await page.setViewportSize({ width: 1_440, height: 900 })
    await go.click({ force: true })
    expect((await hub.ask('GET', '/v1/deployments/mine')).status).toBe(404)
    await page.goto('/deployments/pumps')
    for (const name of ['Change', 'Remove'])
      expect(await page.getByRole('button', { name, exact: true }).getAttribute('aria-disabled')).toBe('true')
  })

  test(
    'a tablet shows every step without a sideways scroll',
    deep('the quick test of the console shows that every page fits a tablet'),
    async () => {
      const { page } = await visit('/', { width: 820, height: 1180 })
      for (const path of ['what', 'where', 'how', 'review'].map((each) => `/deploy?model=${MODEL}&step=${each}`)) {
        await page.goto(path)
        await page.getByRole('heading', { level: 2 }).first().waitFor()
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      }
      await hub.ask('PUT', '/v1/deployments/pumps', { body: { deployable: MODEL } })
      await page.goto('/deployments/pumps')
      await page.getByRole('heading', { level: 1, name: 'pumps' }).waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    },
  )

  test(
    'ten thousand devices are counted while a person types',
    deep('ten thousand devices take long to make; the quick journey counts twenty'),
    async () => {
      await using large = await openDeployFleet(10_000)
      // Leaves before its hub does, which would look like a hub that fails.
      await using visitor = await newVisitor(browser, { url: large.url })
      await signIn(visitor, large.ownerKey)
      const { page } = visitor
      await page.goto(`/deploy?model=${MODEL}&step=where`)
      await counted(page, '10,005 of 10,008 devices').waitFor()
      await page.getByLabel('Selector').fill('site.name == "hamburg" && device.name.endsWith("7")')
      await counted(page, '1,000 of 10,008 devices').waitFor()
      await page.getByRole('tab', { name: /Not picked/ }).click()
      await page.getByText('9,007').first().waitFor()
      await page.getByLabel('Find a device').fill('device-9998')
      await page.getByText('device.name is device-9998').waitFor()
      await next(page).click()
      await page.getByRole('radio', { name: 'Staged' }).check()
      await page.getByText('700 devices').waitFor()
      expect(visitor.problems).toEqual([])
    },
  )
})
