/**
 * Sources in a real browser: written with checks by line, with the effect of saving, shown with devices and tags,
 * changed and removed.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Digest } from '@skerry/contract/values/digest'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let pump: string
let gateway: TestDevice
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

const textOf = (page: Page) => page.getByLabel('Definition (YAML)')
const card = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })

describe.skipIf(!hasBrowser)('sources', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    gateway = await joinDevice(hub, { name: 'press-gateway', site: 'rotterdam' })
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

  test('an empty list explains sources and links to a new one; each error shows its line, which one click selects', async () => {
    const page = await visit('/sources')
    await page.getByText('No sources yet').waitFor()
    await page.getByRole('button', { name: 'New source' }).click()
    await page.getByText('Write a source or choose a file').waitFor()
    await textOf(page).fill(PRESS.replace('1000', '2').replace('unit: bar', 'unti: bar'))
    await card(page, 'Checks').getByText('mistakes').waitFor()
    await card(page, 'Checks').getByRole('button', { name: 'Line 6' }).click()
    const selected =
      'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)'
    expect(await page.evaluate<string>(selected)).toContain('everyMs: 2')
    expect(await page.getByRole('button', { name: 'Save' }).getAttribute('aria-disabled')).toBe('true')
    expect(await listed()).toEqual([])
  })

  test('before saving, the page shows the affected devices, and those with a more specific source', async () => {
    const page = await visit('/sources/new')
    await page.getByLabel('Choose a file').setInputFiles({
      name: 'pump.yaml',
      mimeType: 'text/yaml',
      buffer: Buffer.from(pump),
    })
    await card(page, 'Checks').getByText('pump-1, 4 tags').waitFor()
    await page.getByLabel('For').selectOption({ label: 'all devices' })
    await card(page, 'Effect').getByText('3 devices would start').waitFor()
    await page.getByLabel('For').selectOption({ label: 'the devices of a site' })
    await page.getByLabel('Site').selectOption('rotterdam')
    await card(page, 'Effect').getByText('2 devices would start').waitFor()
    await card(page, 'Effect').getByText('hall-gateway').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'pump-1' }).waitFor()
    expect(await listed()).toMatchObject([{ name: 'pump-1', scope: 'site:rotterdam' }])

    await page.goto('/sources/new')
    await textOf(page).fill(pump)
    await page.getByLabel('For').selectOption({ label: 'all devices' })
    await card(page, 'Effect').getByText('On 2 devices a more specific one applies').waitFor()
    await page.getByLabel('For').selectOption({ label: 'the devices of a site' })
    await page.getByLabel('Site').selectOption('rotterdam')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('A source of this name exists for this scope').waitFor()
    visits.forgive(/412/)
  })

  test('a source shows the state of each of its devices, and its tags, which can be exported as CSV', async () => {
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'pump-1' }).click()
    const row = card(page, 'Devices').getByRole('row', { name: /press-gateway/ })
    await row.getByText('Not reported yet').waitFor()
    const tags = card(page, 'Tags')
    await tags.getByRole('row', { name: /setpoint.*600 to 1800/ }).waitFor()
    await tags.getByLabel('Filter the tags').fill('slow')
    await tags.getByRole('row', { name: /vibration/ }).waitFor({ state: 'detached' })
    const download = page.waitForEvent('download')
    await tags.getByRole('button', { name: 'Export as CSV' }).click()
    const text = await readFile(await (await download).path(), 'utf8')
    expect(text.split('\r\n')[0]).toMatch(/^group,everyMs,name,unit,/)
    expect(text).toContain('fast,200,vibration,mm/s')
    const spec = { windowSeconds: 60 }
    expect((await hub.ask('PUT', '/v1/monitors/source:pump-1', { body: { spec } })).status).toBe(200)
    await page.getByRole('link', { name: 'Its monitor' }).click()
    await page.getByRole('link', { name: 'source:pump-1' }).click()
    await page.getByRole('heading', { level: 1, name: 'source:pump-1' }).waitFor()
  })

  test('an open page shows each new state of a source on a device, however late the device reports it', async () => {
    using link = await openLink(hub, gateway)
    await link.client.report(reportOf())
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'pump-1' }).click()
    const row = card(page, 'Devices').getByRole('row', { name: /press-gateway/ })
    await row.getByText('Not reported yet').waitFor()
    const digest = Digest.parse(`sha256:${'0'.repeat(64)}`)
    const report = (state: 'connecting' | 'up') => {
      const figures = { valuesPerSecond: 0, rounds: 1, skipped: 0, lost: 0, crashes: 0 }
      const running = [{ kind: 'source' as const, name: 'pump-1', digest, state, sinceMs: Date.now(), figures }]
      return link.client.held({ name: 'connections', held: { running } })
    }
    await report('connecting')
    await row.getByText('Connecting').waitFor()
    await report('up')
    await row.getByText('Up', { exact: true }).waitFor()
    await row.getByText('not known yet').waitFor()
    await page.goto('/devices/press-gateway')
    const equipment = card(page, 'Sources and sinks')
    await equipment.getByText('Up', { exact: true }).waitFor()
    await checkThemes(page, 'a device with a source')
    await equipment.getByRole('link', { name: 'pump-1' }).click()
    await page.getByRole('heading', { level: 1, name: 'pump-1' }).waitFor()
  })

  const setPress = async () => {
    const body = { scope: 'site:oslo', spec: { ...PRESS_SPEC } }
    expect((await hub.ask('PUT', '/v1/sources/press-7', { body })).status).toBe(200)
  }

  test('no part of it breaks a rule of accessibility in either theme', async () => {
    await setPress()
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
    await page.getByLabel('For').selectOption({ label: 'all devices' })
    await card(page, 'Effect').getByText('2 devices would').waitFor()
    await lookAt(page, 'source-edit')
  })

  test('a source is removed after typing its name', async () => {
    await setPress()
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
