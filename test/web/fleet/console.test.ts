/** The console in a real browser, on a real hub with two real agents. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../../examples/stage/fleet.ts'
import { deploy, push, shipments } from '../../../examples/tour/shipment.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAtPages, openPage } from '../stage/look.ts'
import { openOtherSite } from '../stage/other-site.ts'
import { pagesWith, SITES } from '../stage/places.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let folder: string
let home: HubHome
let hub: HubProgram
let browser: Browser
let viewerKey: string
const agents: AgentProgram[] = []
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the console', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-'))
    home = await newHubHome(folder)
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(home)])
    for (const site of SITES) agents.push(await startAgent(hub, { site, device: `${site.name}-press`, folder }))
    await hub.client.device.relabel({ device: 'hamburg-press', labels: { line: '2', ring: 'canary' } })
    viewerKey = (await hub.client.key.create({ name: 'looker', role: 'viewer' })).secret
  })

  afterAll(async () => {
    for (const agent of agents) await agent.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const visit = (options?: VisitOptions) => visits.visit(hub, options)

  test('a person without a session signs in with a key, and reaches the wanted page', async () => {
    const { page, context, problems } = await visit({ key: null })
    await page.goto('/devices?q=site.country+%3D%3D+%22DE%22')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByRole('button', { name: 'Use an API key' }).click()
    await page.getByLabel('API key').fill('nonsense')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This is not a key').waitFor()
    await page.getByLabel('API key').fill(`sk_aaaaaaaaaaaa_${'A'.repeat(43)}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('the API key is unknown').waitFor()
    // The browser itself logs the 401 on its console.
    problems.length = 0
    await page.getByLabel('API key').fill(hub.connection.key ?? '')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'hamburg-press' }).waitFor()
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' })
    const kept = await page.evaluate<string>(
      'JSON.stringify({ ...localStorage, ...sessionStorage, url: location.href, cookie: document.cookie })',
    )
    expect(kept).not.toMatch(/sk_|__Host/)
  })

  test("another origin can neither read nor change anything with a person's session", async () => {
    const { page, context, problems } = await visit()
    // The same host on another port is the same site, so the browser does send the cookie: the hardest case.
    await using evil = await openOtherSite()
    const before = (await hub.client.audit.list({ newestFirst: 'true', limit: 1 })).rows[0]?.sequence
    const other = await context.newPage()
    const statuses: number[] = []
    other.on('response', (response) => {
      if (response.url().startsWith(hub.url)) statuses.push(response.status())
    })
    await other.goto(evil.url)
    const seen = await other.evaluate(async (target) => {
      const tries: [string, RequestInit][] = [
        ['/v1/devices/lyon-press/approve', { method: 'POST', mode: 'no-cors' }],
        ['/v1/devices/lyon-press/revoke', { method: 'POST', mode: 'no-cors', body: '{"reason":"x"}' }],
        ['/v1/devices/lyon-press', { method: 'DELETE' }],
        ['/v1/sites/evil', { method: 'PUT', body: '{"kind":"edge"}', headers: { 'x-skerry-session': '1' } }],
        ['/v1/devices', { method: 'GET' }],
      ]
      const texts = []
      for (const [path, init] of tries) {
        const answer = await fetch(target + path, { ...init, credentials: 'include' }).catch(() => undefined)
        texts.push((await answer?.text()) ?? '')
      }
      return texts.join('')
    }, hub.url)
    expect(seen).toBe('')
    expect(statuses.length).toBeGreaterThan(0)
    expect(statuses.filter((status) => status < 400)).toEqual([])
    const { status } = await hub.client.device.get({ device: 'lyon-press' })
    const after = (await hub.client.audit.list({ newestFirst: 'true', limit: 1 })).rows[0]?.sequence
    expect([status, after]).toEqual(['active', before])
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    expect(problems).toEqual([])
  })

  test('a rollout is followed live, wave by wave, to its end', async () => {
    await push(hub, shipments.first)
    const { page } = await visit()
    await page.getByText('No rollout is running.').waitFor()
    const { id } = await deploy(hub, 1)
    await page.getByRole('link', { name: /sensor-anomaly.*sensor-anomaly:1/ }).click()
    await page.getByRole('heading', { name: 'sensor-anomaly, revision 1' }).waitFor()
    await page.getByText('Done', { exact: true }).waitFor()
    await page.getByRole('listitem', { name: 'Wave canary: 1 healthy' }).waitFor()
    await page.getByRole('row', { name: /Healthy lyon-press/ }).waitFor()
    expect((await hub.client.rollout.get({ rollout: id })).status).toBe('done')
    const map = page.getByRole('application', { name: 'Devices of wave canary' })
    await map.focus()
    await page.keyboard.press('End')
    await page.getByText('hamburg-press at hamburg: healthy').waitFor()
    const pause = page.getByRole('button', { name: 'Pause' })
    expect(await pause.getAttribute('aria-disabled')).toBe('true')
    await pause.hover()
    await page.getByRole('tooltip', { name: 'You cannot do this, because the rollout is done' }).waitFor()
  })

  test('a person pauses a rollout with a reason, and rolls it back', async () => {
    await push(hub, shipments.better)
    const { page } = await visit()
    const { id } = await deploy(hub, 2)
    await page.goto(`/rollouts/${id}`)
    await page.getByRole('button', { name: 'Pause' }).click()
    const go = page.getByRole('dialog').getByRole('button', { name: 'Pause' })
    expect(await go.isDisabled()).toBe(true)
    await page.getByLabel('Reason').fill('night shift')
    await go.click()
    await page.getByText('The rollout of sensor-anomaly is paused').waitFor()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Roll back' }).click()
    await page.getByLabel('Reason').fill('was the wrong one')
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click()
    await page.getByText('Rolled back', { exact: true }).waitFor()
    const { rows } = await hub.client.audit.list({ newestFirst: 'true', action: 'rollout.rollback' })
    expect(rows[0]).toMatchObject({ actor: { name: 'owner' }, detail: { reason: 'was the wrong one' } })
  })

  test('a bad version appears as rejected by the device, which continues with the version before', async () => {
    await push(hub, shipments.broken)
    const { page } = await visit()
    const { id } = await deploy(hub, 3)
    await page.goto(`/rollouts/${id}`)
    await page.getByText('Rolled back', { exact: true }).waitFor()
    await page.getByText('1 failed in wave canary').first().waitFor()
    // The device has rolled back, and its row still shows why.
    const failed = page
      .getByRole('table', { name: 'Devices' })
      .getByRole('row', { name: /Failed hamburg-press.*golden case 1/ })
    await failed.getByRole('link', { name: 'hamburg-press' }).click()
    await page.getByText('version 1 serves').waitFor()
  })

  test(
    'a viewer sees everything, and the missing permission of each action',
    deep('the quick tests of sites and roles show the permission that a role lacks'),
    async () => {
      const { page } = await visit({ key: viewerKey })
      await page.goto('/devices/hamburg-press')
      const remove = page.getByRole('button', { name: 'Remove' })
      expect(await remove.getAttribute('aria-disabled')).toBe('true')
      await remove.focus()
      await page
        .getByRole('tooltip', { name: 'You cannot do this, because the role viewer lacks device.write' })
        .waitFor()
      await remove.click({ force: true })
      expect(await page.getByRole('dialog').count()).toBe(0)
    },
  )

  test('labels are changed, a token is created, a key is revoked: each on its page', async () => {
    const { page } = await visit()
    await page.goto('/devices/hamburg-press')
    await page.getByRole('button', { name: 'Change labels' }).click()
    await page.getByRole('dialog').getByLabel('Labels').fill('line=7\nring=canary')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('line=7').waitFor()
    await page.goto('/settings')
    await page.getByRole('button', { name: 'New token' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'New token' }).click()
    await page.getByRole('tab', { name: 'By hand' }).click()
    await page.getByText(/skerry agent --join skj_/).waitFor()
    await page.getByRole('img', { name: 'Join token' }).waitFor()
    await page.getByRole('button', { name: 'Close' }).first().click()
    await hub.client.key.create({ name: 'passing', role: 'viewer' })
    await page.getByRole('tab', { name: 'API keys' }).click()
    await page
      .getByRole('row', { name: /passing/ })
      .getByRole('button', { name: 'Revoke' })
      .click()
    await page.getByLabel('Type passing to confirm').fill('passing')
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('row', { name: /passing.*Revoked/ }).waitFor()
  })

  test('the palette, the pages and the filter open by keyboard', async () => {
    const { page, problems } = await visit()
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder(/Type a page/).fill('hamburg-press')
    await page.getByRole('option', { name: /hamburg-press at hamburg/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'hamburg-press' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('site.country = "DE"')
    await page.getByRole('alert').filter({ hasText: 'not a selector' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    // The browser itself logs the 400 on its console.
    problems.length = 0
  })

  test(
    'a folded group of the navigation stays folded until it is unfolded',
    deep('a setting of one browser; the quick test of the keys goes through the navigation'),
    async () => {
      const { page } = await visit()
      const navigation = page.getByRole('navigation').first()
      const models = navigation.getByRole('button', { name: 'Models' })
      const deployments = navigation.getByRole('link', { name: 'Deployments' })
      await deployments.waitFor()
      await models.click()
      await deployments.waitFor({ state: 'detached' })
      await page.reload()
      await navigation.getByRole('link', { name: 'Devices' }).waitFor()
      expect(await models.getAttribute('aria-expanded')).toBe('false')
      expect(await deployments.count()).toBe(0)
      await models.click()
      await deployments.click()
      await page.getByRole('heading', { level: 1, name: 'Deployments' }).waitFor()
    },
  )

  /** Of the newest rollout; makes one where no other test has. */
  async function everyPage() {
    const newest = async () => (await hub.client.rollout.list({ limit: 1 })).rows[0]
    if ((await newest()) === undefined) {
      await push(hub, shipments.first)
      await deploy(hub, 1)
    }
    const { id, revision } = (await newest()) ?? expect.unreachable()
    return pagesWith(`/rollouts/${id}`, revision)
  }

  test('a tablet shows every page without a sideways scroll, and none breaks a rule of accessibility', async () => {
    const { page } = await visit({ width: 820, height: 1180 })
    for (const [name, path, title] of await everyPage()) {
      await openPage(page, path, title)
      expect(await axeViolations(page), name).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
    }
  })

  test(
    'no page breaks a rule of accessibility in either theme',
    deep('the quick test of a tablet looks at every page in one theme'),
    async () => {
      const stranger = await visit({ key: null })
      await stranger.page.goto('/sign-in')
      await stranger.page.getByLabel('E-mail address').waitFor()
      await checkThemes(stranger.page, 'sign-in')
      const { page } = await visit()
      await lookAtPages(page, await everyPage())
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').waitFor()
      await checkThemes(page, 'palette')
    },
  )

  test('the console notices that the hub is gone and back, and then shows current data', async () => {
    const visitor = await visit()
    const { page } = visitor
    await page.goto('/devices')
    await page.getByText('Live').waitFor()
    await hub.stop()
    await page.getByRole('alert').getByText('The hub does not answer').waitFor()
    hub = await startHub(home)
    await hub.client.device.relabel({ device: 'lyon-press', labels: { back: 'again' } })
    await page.getByText('back=again').waitFor()
    await page.getByText('Live').waitFor()
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
    // The browser itself logs requests without a server, or to a hub that was about to stop.
    const unexpected = visitor.problems.filter(
      (line) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_HTTP2|ERR_EMPTY|ERR_CONNECTION|status of 503/.test(line),
    )
    visitor.problems.length = 0
    expect(unexpected).toEqual([])
  })

  test('a revoked key signs its browsers out', async () => {
    const { secret, key } = await hub.client.key.create({ name: 'leaving', role: 'viewer' })
    const visitor = await visit({ key: secret })
    await hub.client.key.revoke({ key: key.id })
    await visitor.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    visitor.problems.length = 0
  })
})
