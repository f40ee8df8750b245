/** New sources and sinks by form in a real browser: tiles of protocols, fields, a table of tags, and the text in step. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

const textOf = (page: Page) => page.getByLabel('Definition (YAML)')
const card = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })

const specOf = async (kind: 'source' | 'sink', name: string) => {
  const { rows } = (await hub.ask<{ rows: { id: string }[] }>('GET', `/v1/${kind}s?name=${name}`)).body
  return (await hub.ask<{ spec: unknown }>('GET', `/v1/${kind}s/${rows[0]?.id}`)).body.spec
}

describe.skipIf(!hasBrowser)('forms of sources and sinks', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    await joinDevice(hub, { name: 'press-gateway', site: 'rotterdam' })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('a source is made by tiles and fields, and form and text stay in step', async () => {
    // From the list and from the palette, a person chooses the device first: never all devices by themselves.
    const { page } = await visits.visit(hub, { path: '/sources' })
    await page.getByRole('heading', { level: 1, name: 'Sources' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder(/Type a page/).fill('new source')
    await page.getByRole('option', { selected: true, name: 'New source' }).waitFor()
    await page.keyboard.press('Enter')
    expect(await page.getByLabel('For', { exact: true }).inputValue()).toBe('device')
    const tile = (name: string) => page.getByRole('button', { name: new RegExp(`^${name} `) })
    await tile('bacnet').getByText('Not proven', { exact: true }).waitFor()
    await tile('modbus').getByText('libmodbus 3.1').waitFor()
    await checkThemes(page, 'the tiles')
    await tile('modbus').click()
    await page.getByText('pymodbus 3.8').waitFor()
    await page.getByLabel('Name', { exact: true }).fill('press-7')
    await page.getByLabel('Host', { exact: true }).fill('10.0.0.5')
    await page.getByLabel('Port', { exact: true }).fill('1502')
    await page.getByText('1 to 65,535.').first().waitFor()
    await page.getByLabel('Every (ms)').fill('500')
    await page.getByLabel('Name of tag_1').fill('speed')
    await page.getByLabel('Address of speed').fill('holding:7')
    await page.getByLabel('Type of speed').selectOption('uint16')
    await page.getByLabel('Unit of speed').fill('1/min')
    await card(page, 'Checks').getByText('press-7, 1 tag: no mistakes.').waitFor()
    expect(await textOf(page).inputValue()).toContain('port: 1502')
    await checkThemes(page, 'the form of a source')

    // The other way round: a change of the text appears in the form, and mistakes of the form at their line.
    await textOf(page).fill(
      (await textOf(page).inputValue()).replace('10.0.0.5', 'plc-7.plant').replace('1502', '70000'),
    )
    await expect.poll(() => page.getByLabel('Host', { exact: true }).inputValue()).toBe('plc-7.plant')
    await card(page, 'Checks').getByText('1 mistake').waitFor()
    await page.getByLabel('Port', { exact: true }).fill('')
    await page.getByRole('button', { name: 'Add a tag' }).click()
    await page.getByLabel('Name of tag_2').waitFor()
    await page.getByRole('button', { name: 'Remove tag_2' }).click()
    await page.getByText('More settings').click()
    await page.getByLabel('Timeout (ms)').fill('2000')
    await card(page, 'Effect').getByText('Choose the device or the site first.').waitFor()
    expect(await page.getByRole('button', { name: 'Save' }).getAttribute('aria-disabled')).toBe('true')
    await page.getByLabel('Device', { exact: true }).selectOption('press-gateway')
    await card(page, 'Effect').getByText('1 device would start').waitFor()
    await card(page, 'On a device').getByRole('button', { name: 'Test read' }).waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'press-7' }).waitFor()
    expect(await specOf('source', 'press-7')).toEqual({
      name: 'press-7',
      protocol: 'modbus',
      connection: { host: 'plc-7.plant', timeoutMs: 2_000 },
      groups: [
        {
          name: 'main',
          everyMs: 500,
          tags: [{ name: 'speed', address: 'holding:7', type: 'uint16', unit: '1/min' }],
        },
      ],
    })
  })

  test('a sink is made by tiles and fields, with a secret in place of the password', async () => {
    // The tab Equipment of a device: the sink is for that device.
    const { page } = await visits.visit(hub, { path: '/devices/press-gateway?tab=equipment' })
    await page.getByRole('link', { name: 'New sink' }).click()
    await expect.poll(() => page.getByLabel('Device', { exact: true }).inputValue()).toBe('press-gateway')
    await page.getByRole('button', { name: /^postgres / }).click()
    await page.getByLabel('Host', { exact: true }).fill('db.plant.example')
    await page.getByLabel('Database').fill('plant')
    await page.getByLabel('User').fill('skerry')
    await page.getByLabel('Password').fill('plant-password')
    await card(page, 'Checks').getByText('postgres-1, over postgres: no mistakes.').waitFor()
    await checkThemes(page, 'the form of a sink')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'postgres-1' }).waitFor()
    expect(await specOf('sink', 'postgres-1')).toMatchObject({
      connection: { host: 'db.plant.example', user: 'skerry', password: { secret: 'plant-password' } },
    })
  })
})
