/** Ten thousand devices in a real browser: what the page holds, how quickly it moves, and how much memory it takes. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDevices, type FleetDevice } from '../apps/hub/test/fleet-records.ts'
import { startTestHub, type TestHub } from '../apps/hub/test/running-hub.ts'
import { hasBrowser, newVisitor, openBrowser, picture, signIn } from './web-browser.ts'

const DEVICES = 10_000
const COUNTRIES = [
  'DE',
  'FR',
  'IE',
  'NO',
  'PL',
  'ES',
  'US',
  'CA',
  'MX',
  'BR',
  'AR',
  'ZA',
  'KE',
  'EG',
  'IN',
  'CN',
  'JP',
  'AU',
  'ID',
  'TR',
]
/** More rows than a tall window shows, with those that wait above and below it. */
const ROWS_MAX = 80
/** [Issue 3] The page may take so much. */
const HEAP_MAX_BYTES = 300_000_000

let hub: TestHub
let browser: Browser

describe.skipIf(!hasBrowser)('the table of devices', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([openBrowser(), startTestHub()])
    const { store, ids } = hub.hub
    const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
    const devices: FleetDevice[] = []
    const place = { store, ids, organisationId, clock: { ms: Date.now() }, devices }
    for (const [index, country] of COUNTRIES.entries()) {
      const site = `plant-${country.toLowerCase()}`
      await hub.ask('PUT', `/v1/sites/${site}`, { body: { kind: 'edge', country } })
      const labels = { line: String(index % 4), plant: site }
      devices.push(...(await addDevices(place, DEVICES / COUNTRIES.length, { site, labels })))
    }
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await hub?.[Symbol.asyncDispose]()
  })

  test('holds ten thousand rows, scrolls to the last, filters by CEL and sorts, in little memory', async () => {
    await using visitor = await newVisitor(browser, { url: hub.url })
    const { page, problems } = visitor
    await signIn(visitor, hub.ownerKey)
    await page.getByText('10,000 devices at 20 sites').waitFor()
    await picture(page, 'overview-large', 'light')
    await page.goto('/devices')
    await page.getByRole('status').filter({ hasText: '10,000 devices' }).waitFor()
    const table = page.getByRole('region', { name: 'Devices' })
    await page.getByRole('row').nth(5).waitFor()
    await picture(page, 'devices-large', 'light')
    const frames = await page.evaluate<number[]>(SCROLL)
    expect(await page.getByRole('row').count()).toBeLessThan(ROWS_MAX)
    expect(await table.evaluate((element) => element.scrollTop)).toBeGreaterThan(DEVICES * 40)
    await page.keyboard.press('/')
    await page.keyboard.type('device.labels.line == "3" && site.country == "CA"')
    await page
      .getByRole('status')
      .filter({ hasText: /^500 devices/ })
      .waitFor()
    await page.getByRole('button', { name: 'Name' }).click()
    await page.getByRole('button', { name: 'Name' }).click()
    expect(page.url()).toContain('sort=')
    const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize')
    expect(heap).toBeLessThan(HEAP_MAX_BYTES)
    // Told, not asserted: on a machine that is busy with other tests a slow frame says nothing of the page.
    const sorted = frames.toSorted((a, b) => b - a)
    const [worst, tenth] = [sorted[0], sorted[12]].map((ms) => `${Math.round(ms ?? 0)} ms`)
    process.stdout.write(`slowest frame ${worst}, tenth part under ${tenth}; heap ${Math.round(heap / 1e6)} MB
`)
    expect(problems).toEqual([])
  }, 60_000)
})

/** Scrolls as a wheel that is turned fast, five rows a frame, then jumps to the end; gives how long each frame took. */
const SCROLL = `new Promise((resolve) => {
  const table = document.querySelector('section[aria-label=Devices]')
  const frames = []
  let last = performance.now()
  const step = (now) => {
    frames.push(now - last)
    last = now
    table.scrollTop = frames.length < 120 ? table.scrollTop + 250 : table.scrollHeight
    if (frames.length < 125) requestAnimationFrame(step)
    else resolve(frames)
  }
  requestAnimationFrame(step)
})`
