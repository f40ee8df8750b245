/**
 * Sources in a real browser when something is in the way: a source that a device has left alone, a device that is away, a table that is wrong,
 * somebody else's change, a permission that is missing, a protocol that is not proven.
 * @module-tag deep The quick tests of web-sources and web-equipment show the pages; hub and core tests show each of these cases
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectionStatus } from '@skerry/contract/connections/connection'
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import { CommandMessage } from '@skerry/contract/devices/device-command'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let gateway: TestDevice
const visits = openVisits(() => browser)

const textOf = (page: Page) => page.getByLabel('What it says, in YAML')
const card = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })

describe.skipIf(!hasBrowser)('troubles with sources', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    gateway = await joinDevice(hub, { name: 'press-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'hall-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'oslo-1', site: 'oslo' })
    const pump = await readFile(join(import.meta.dirname, '../../../examples/sources/pump-simulator.yaml'), 'utf8')
    const body = { scope: 'site:rotterdam', spec: SourceSpec.parse(parse(pump)) }
    expect((await hub.ask('PUT', '/v1/sources/pump-1', { body })).status).toBe(200)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (path: string, options: VisitOptions = {}) => (await visits.visit(hub, { ...options, path })).page

  /** What the device says of the source, as an agent that has stopped trying would. */
  const LEFT_ALONE = ConnectionStatus.parse({
    kind: 'source',
    name: 'pump-1',
    state: 'quarantined',
    sinceMs: Date.now(),
    digest: `sha256:${'0'.repeat(64)}`,
    cause: { code: 'connector_crashed', message: 'offset is out of bounds' },
  })

  test('a source that a device has left alone says so, and is begun anew with a reason', async () => {
    using link = await openLink(hub, gateway)
    await link.client.report(reportOf())
    await link.client.held({ name: 'connections', held: { running: [LEFT_ALONE] } })
    const asked = (await link.client.commands({ kinds: ['restart-source'] }))[Symbol.asyncIterator]()
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'pump-1' }).click()
    const row = card(page, 'Devices').getByRole('row', { name: /press-gateway/ })
    await row.getByText('offset is out of bounds; it is tried no more').waitFor()
    const idle = card(page, 'Devices').getByRole('button', { name: 'Restart on hall-gateway' })
    expect(await idle.getAttribute('aria-disabled')).toBe('true')
    await row.getByRole('button', { name: 'Restart on press-gateway' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('It ended five times within ten minutes').waitFor()
    expect(await axeViolations(page)).toEqual([])
    expect(await dialog.getByRole('button', { name: 'Restart' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill('the gateway was replaced')
    await dialog.getByRole('button', { name: 'Restart' }).click()
    const command = CommandMessage.parse((await asked.next()).value)
    expect(command).toMatchObject({ kind: 'restart-source', source: 'pump-1' })
    await link.client.answer({ id: command.id, kind: 'restart-source', before: 'quarantined' })
    await page.getByText('pump-1 on press-gateway begins anew').waitFor()
    const { rows } = (await hub.ask<{ rows: object[] }>('GET', '/v1/audit?action=source.restart')).body
    expect(rows).toMatchObject([{ detail: { reason: 'the gateway was replaced', before: 'quarantined' } }])
  })

  test('a test read of a device that is away says so, and one that needs a second person leads to the request', async () => {
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'pump-1' }).click()
    const tools = card(page, 'On a device')
    await tools.getByLabel('Through device').selectOption('hall-gateway')
    await tools.getByRole('button', { name: 'Test read' }).click()
    await tools.getByText('device_unreachable').waitFor()
    const rules = (body: object) => hub.ask('PUT', '/v1/approval-rules', { body })
    await rules({ deployments: 'device.name == "hall-gateway"' })
    await tools.getByRole('button', { name: 'Test read' }).click()
    await tools.getByText('approval_needed').waitFor()
    await tools.getByRole('link', { name: 'See the request' }).click()
    await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor()
    await page.getByText('source.test').first().waitFor()
    await rules({})
    visits.forgive(/409/)
  })

  test('tags come out of a table, and a table that is wrong is said to be, with its line', async () => {
    const page = await visit('/sources/new')
    await textOf(page).fill('# Hall 2\nname: line-2\nprotocol: modbus\nconnection: { host: 10.0.0.6 }\n')
    const take = (text: string) =>
      page
        .getByLabel('Tags from CSV')
        .setInputFiles({ name: 'tags.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await take('group,everyMs,name\nfast,500,speed\nfast,900,load\n')
    await page.getByText('Line 3 of the table: column everyMs gives its group another rate').waitFor()
    await take('group,everyMs,name,address,type\nfast,500,speed,holding:1,int16\nfast,500,load,holding:2,int16\n')
    await card(page, 'Checks').getByText('line-2, 2 tags').waitFor()
    expect(await textOf(page).inputValue()).toContain('# Hall 2')
  })

  test('a change that somebody else made meanwhile is not written over', async () => {
    const page = await visit('/sources')
    await page.getByRole('link', { name: 'pump-1' }).click()
    await page.getByRole('button', { name: 'Change' }).click()
    await textOf(page).fill((await textOf(page).inputValue()).replace('everyMs: 2000', 'everyMs: 5000'))
    await card(page, 'What it would do').getByText('It would be changed').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('version 2,').waitFor()

    await page.getByRole('button', { name: 'Change' }).click()
    await textOf(page).waitFor()
    const [{ id }] = (await hub.ask<{ rows: [{ id: string }] }>('GET', '/v1/sources')).body.rows
    const { spec } = (await hub.ask<{ spec: object }>('GET', `/v1/sources/${id}`)).body
    const body = { scope: 'site:rotterdam', spec: { ...spec, connection: { seed: 9 } } }
    expect((await hub.ask('PUT', '/v1/sources/pump-1', { body })).status).toBe(200)
    await textOf(page).fill((await textOf(page).inputValue()).replace('5000', '9000'))
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody else has changed it meanwhile').waitFor()
    visits.forgive(/412/)
  })

  test('whoever may only look is told which permission is missing; g and c go there, and the palette', async () => {
    const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', {
      body: { name: 'looking', role: 'viewer' },
    })
    const page = await visit('/sites', { key: body.secret })
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    const create = page.getByRole('button', { name: 'New source' })
    await create.waitFor()
    expect(await create.getAttribute('aria-disabled')).toBe('true')
    await create.hover()
    await page
      .getByText(/connection\.write/)
      .first()
      .waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('option', { name: 'Sources' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'pump-1' }).click()
    for (const [verb, permission] of [
      ['Test read', 'connection.write'],
      ['Restart on press-gateway', 'device.write'],
    ] as const) {
      const button = page.getByRole('button', { name: verb })
      await button.hover()
      await page.getByRole('tooltip').getByText(permission).waitFor()
      expect(await button.getAttribute('aria-disabled')).toBe('true')
    }
  })

  test('a protocol that was held against no equipment says so in the list, on its page and in the checks; a test read takes the tags of one group', async () => {
    const body = { scope: 'site:oslo', spec: parse(AIR_SPEC) }
    expect((await hub.ask('PUT', '/v1/sources/air-1', { body })).status).toBe(200)
    const page = await visit('/sources')
    const row = page.getByRole('row', { name: /air-1/ })
    await row.getByText('not proven').waitFor()
    await row.getByRole('link', { name: 'air-1' }).click()
    await page.getByText('not proven against real equipment').waitFor()
    const tools = card(page, 'On a device')
    await tools.getByText('A test read asks for 3 tags').waitFor()
    await tools.getByLabel('Only tags with').fill('nowhere')
    const read = tools.getByRole('button', { name: 'Test read' })
    await tools.getByText('A test read asks for 0 tags').waitFor()
    expect(await read.getAttribute('aria-disabled')).toBe('true')
    await tools.getByLabel('Only tags with').fill('')
    await tools.getByLabel('Tags of').selectOption('doors')
    await tools.getByText('A test read asks for 1 tag').waitFor()
    expect(await axeViolations(page)).toEqual([])
    const asked = page.waitForRequest(/\/sources\/air-1\/test$/)
    await read.click()
    expect((await asked).postDataJSON()).toMatchObject({ tags: ['open'] })
    await tools.getByText('device_unreachable').waitFor()
    await page.getByRole('button', { name: 'Change' }).click()
    await card(page, 'Checks').getByText('bacnet is not proven against real equipment').waitFor()
    visits.forgive(/409/)
  })
})

const AIR_SPEC = `{ name: air-1, protocol: bacnet, connection: { host: 10.0.0.7 }, groups: [
  { name: air, everyMs: 1000, tags: [{ name: supply, address: "analog-input:1" }, { name: return, address: "analog-input:2" }] },
  { name: doors, everyMs: 5000, tags: [{ name: open, address: "binary-input:1" }] }] }`
