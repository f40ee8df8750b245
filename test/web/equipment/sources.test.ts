/** Sources in a real browser: written with checks by line, with what saving would do, shown with devices and tags, changed and removed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let pump: string
const visits = openVisits(() => browser)

const PRESS = `name: press-7
protocol: modbus
connection: { host: 10.0.0.5, unit: 1, firstAddress: 1 }
groups:
  - name: process
    everyMs: 1000
    tags:
      - { name: pressure, address: "holding:101", type: float32, unit: bar, expect: { min: 0, max: 400 } }
      - { name: temperature, address: "holding:103", type: int16, unit: °C, scale: 0.1 }
      - { name: alarm, address: "coil:11", write: { perMinute: 10 } }
`

const textOf = (page: Page) => page.getByLabel('What it says, in YAML')
const card = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })

describe.skipIf(!hasBrowser)('sources', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    await joinDevice(hub, { name: 'press-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'hall-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'oslo-1', site: 'oslo' })
    pump = await readFile(join(import.meta.dirname, '../../../examples/sources/pump-simulator.yaml'), 'utf8')
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (path: string, options: VisitOptions = {}) => (await visits.visit(hub, { ...options, path })).page

  const listed = async () =>
    (await hub.ask<{ rows: { name: string; scope: string }[] }>('GET', '/v1/sources')).body.rows

  test('an empty list says what a source is, and leads to a new one; each mistake stands with its line, which one click finds', async () => {
    const page = await visit('/sources')
    await page.getByText('No sources yet').waitFor()
    await page.getByRole('button', { name: 'New source' }).click()
    await page.getByText('Write or take a source').waitFor()
    await textOf(page).fill(PRESS.replace('1000', '2').replace('unit: bar', 'unti: bar'))
    await card(page, 'Checks').getByText('mistakes').waitFor()
    await card(page, 'Checks').getByRole('button', { name: 'Line 6' }).click()
    const selected =
      'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)'
    expect(await page.evaluate<string>(selected)).toContain('everyMs: 2')
    expect(await page.getByRole('button', { name: 'Save' }).getAttribute('aria-disabled')).toBe('true')
    expect(await listed()).toEqual([])
  })

  test('what saving would do is said before it is done: for whom, and on which devices something more specific counts', async () => {
    const page = await visit('/sources/new')
    await page.getByLabel('Take a file').setInputFiles({
      name: 'pump.yaml',
      mimeType: 'text/yaml',
      buffer: Buffer.from(pump),
    })
    await card(page, 'Checks').getByText('pump-1, 4 tags').waitFor()
    await card(page, 'What it would do').getByText('3 devices would start').waitFor()
    await page.getByLabel('For').selectOption({ label: 'the devices of a site' })
    await page.getByLabel('Site').selectOption('rotterdam')
    await card(page, 'What it would do').getByText('2 devices would start').waitFor()
    await card(page, 'What it would do').getByText('hall-gateway').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'pump-1' }).waitFor()
    expect(await listed()).toMatchObject([{ name: 'pump-1', scope: 'site:rotterdam' }])

    await page.goto('/sources/new')
    await textOf(page).fill(pump)
    await card(page, 'What it would do').getByText('On 2 devices something more specific counts').waitFor()
    await page.getByLabel('For').selectOption({ label: 'the devices of a site' })
    await page.getByLabel('Site').selectOption('rotterdam')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('There is a source of this name for this place already').waitFor()
    visits.forgive(/412/)
  })

  test('a source shows each device that it counts on, with what that says of it, and its tags, which go along as CSV', async () => {
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'pump-1' }).click()
    const row = card(page, 'Devices').getByRole('row', { name: /press-gateway/ })
    await row.getByText('Not said yet').waitFor()
    const tags = card(page, 'Tags')
    await tags.getByRole('row', { name: /setpoint.*600 to 1800/ }).waitFor()
    await tags.getByLabel('Filter the tags').fill('slow')
    await tags.getByRole('row', { name: /vibration/ }).waitFor({ state: 'detached' })
    const download = page.waitForEvent('download')
    await tags.getByRole('button', { name: 'Export as CSV' }).click()
    const text = await readFile(await (await download).path(), 'utf8')
    expect(text.split('\r\n')[0]).toMatch(/^group,everyMs,name,unit,/)
    expect(text).toContain('fast,200,vibration,mm/s')
  })

  test('no part of it breaks a rule of accessibility in either theme', async () => {
    const body = { scope: 'site:oslo', spec: { ...PRESS_SPEC } }
    expect((await hub.ask('PUT', '/v1/sources/press-7', { body })).status).toBe(200)
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'press-7' }).waitFor()
    await lookAt(page, 'sources')
    await page.getByRole('link', { name: 'pump-1' }).click()
    await card(page, 'Devices').getByText('hall-gateway').waitFor()
    await card(page, 'Tags').getByText('setpoint').waitFor()
    await lookAt(page, 'source')
    await page.goto('/sources/new')
    await textOf(page).fill(PRESS.replace('1000', '2'))
    await card(page, 'Checks').getByText('1 mistake').waitFor()
    await checkThemes(page, 'mistakes')
    await textOf(page).fill(PRESS)
    await card(page, 'What it would do').getByText('2 devices would').waitFor()
    await lookAt(page, 'source-edit')
  })

  test('one that is removed is named first, and gone then', async () => {
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'press-7' }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 device').waitFor()
    await dialog.getByLabel('Type press-7').fill('press-7')
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sources' }).waitFor()
    await page.getByRole('link', { name: 'press-7' }).waitFor({ state: 'detached' })
    expect(await listed()).toMatchObject([{ name: 'pump-1' }])
  })
})

const PRESS_SPEC = {
  name: 'press-7',
  protocol: 'modbus',
  connection: { host: '10.0.0.5', unit: 1, firstAddress: 1 },
  groups: [{ name: 'process', everyMs: 1_000, tags: [{ name: 'pressure', address: 'holding:101', type: 'float32' }] }],
}
