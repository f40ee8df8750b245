/**
 * Widths: the screens about models, rollouts and devices fit a large window, a small one and a phone, while a canary
 * runs, after a rollback, and with devices that are silent. So do those of equipment, learning and the marketplace.
 * No page scrolls sideways, and no text is cut. In the dark theme every text has enough contrast.
 *
 * @module-tag deep the quick tests open these pages at two widths; this one opens all of them at three
 */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { unfitting } from '../stage/cut-text.ts'
import { openPumps } from '../stage/pumps-fleet.ts'
import { openVisits } from '../stage/visits.ts'

/** A usual window, a small laptop or tablet, and a phone. */
const WIDTHS = [1_440, 1_024, 390]

const EXAMPLES = join(import.meta.dirname, '../../../examples')

let browser: Browser
let fleet: Awaited<ReturnType<typeof openPumps>>
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('screens at three widths', () => {
  beforeAll(async () => {
    ;[browser, fleet] = await Promise.all([sharedBrowser(), openPumps()])
    const device = fleet.devices[0]?.name ?? ''
    await fleet.cli(['source', 'add', join(EXAMPLES, 'sources/press-modbus.yaml'), '--device', device])
    await fleet.cli(['sink', 'set', join(EXAMPLES, 'sinks/daily-parquet.yaml'), '--device', device])
    await fleet.deploy('1')
    await fleet.report(fleet.devices, 'active')
    await fleet.rolloutThat(({ status }) => status === 'done')
    await fleet.deploy('2', { waves: [{ name: 'canary', limit: 1, soakSeconds: 3_600 }] })
    await fleet.report(fleet.devices, 'active')
    await fleet.rolloutThat(({ waves }) => waves[0]?.soakingSinceMs !== undefined)
  })

  afterAll(async () => {
    await fleet?.hub[Symbol.asyncDispose]()
  })

  test('while a canary runs', async () => {
    await visitAll('canary')
  })

  test('after a rollback', async () => {
    await fleet.cli(['rollout', 'rollback', 'pumps', '--reason', 'wrong answers', '--yes'])
    await fleet.report(fleet.devices, 'active')
    await visitAll('rolled-back')
  })

  test('with silent devices', async () => {
    await fleet.silence()
    await visitAll('silent')
  })

  test('in the dark theme', async () => {
    const { page } = await visits.visit(fleet.hub, { path: '/', theme: 'dark' })
    const problems: string[] = []
    for (const path of await allPaths()) {
      await page.goto(path)
      await settled(page)
      problems.push(...(await axeViolations(page)).map((text) => `${path}: ${text}`))
    }
    expect(problems).toEqual([])
  })
})

async function allPaths() {
  const { id } = await fleet.rolloutThat(() => true)
  return [
    '/',
    '/deployments',
    '/deployments/pumps',
    '/rollouts',
    `/rollouts/${id}`,
    '/models',
    '/models/pump',
    '/models/pump/versions/1',
    '/models/pump/compare?a=1&b=2',
    '/models/pump/versions/1/playground',
    '/devices',
    `/devices/${fleet.devices[0]?.id}`,
    `/devices/${fleet.devices[0]?.id}?tab=equipment`,
    '/audit',
    '/sources',
    '/sources/new',
    '/sinks',
    '/sinks/new',
    '/groups',
    '/monitors',
    '/flows',
    '/settings',
    '/settings?tab=agents',
    '/learning',
    '/market',
    '/market?tab=review',
    `/devices/${fleet.devices[0]?.id}?tab=settings`,
    // The page of an unknown address has a heading too.
    '/groups/pumps/no-such-page',
  ]
}

async function visitAll(state: string) {
  const { page } = await visits.visit(fleet.hub, { path: '/' })
  const problems: string[] = []
  for (const path of await allPaths()) {
    await page.goto(path)
    for (const width of WIDTHS) problems.push(...(await problemsAt(page, { path, width, state })))
  }
  expect(problems).toEqual([])
}

async function problemsAt(page: Page, { path, width, state }: { path: string; width: number; state: string }) {
  await page.setViewportSize({ width, height: 900 })
  await settled(page)
  return (await unfitting(page)).map((text) => `${state} ${path} at ${width}: ${text}`)
}

async function settled(page: Page) {
  await page.locator('h1').waitFor()
  await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
  await page.waitForLoadState('load')
}
