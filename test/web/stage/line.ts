/**
 * Web line: a production line that speaks OPC UA by open62541, in a browser: a device tests it before it is saved, then
 * it is browsed, its tags are added, and it is restarted. Its tests share the hub and the device of the file that calls
 * them.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import type { OpcuaPeer } from '@skerry/testkit/peers/opcua-peer'
import { deep } from '@skerry/testkit/tier'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import type { HubProgram } from '../../../examples/stage/fleet.ts'
import { checkThemes, lookAt } from './look.ts'
import type { openVisits } from './visits.ts'

const card = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })
const textOf = (page: Page) => page.getByLabel('Definition (YAML)')

/** The text of the line's source: one tag that the line has, and one that it does not have. */
const lineText = (line: OpcuaPeer) => `# Hall 2
name: line-1
protocol: opcua
connection: { endpoint: "${line.endpoint}", security: none, timeoutMs: 60000 }
groups:
  - name: process
    everyMs: 500
    tags:
      - { name: speed, address: "ns=2;s=Double", unit: rpm }
      - { name: torque, address: "ns=2;s=Nowhere" }
`

const row = (page: Page, tag: string) => page.getByRole('row', { name: new RegExp(`^${tag} `) })
const tree = (page: Page) => page.getByRole('tree', { name: 'Nodes of the equipment' })

type Stage = {
  device: string
  hub: () => HubProgram
  line: () => OpcuaPeer
  visits: ReturnType<typeof openVisits>
}

/**
 * With the longest wait: on a busy machine a device needs more than the usual one to connect, and so does the
 * connection itself.
 */
async function testRead(page: Page, outcome: string): Promise<void> {
  const tools = card(page, 'On a device')
  await tools.getByLabel('Longest wait').selectOption('1 minute')
  await tools.getByRole('button', { name: 'Test read' }).click()
  await tools.getByText(outcome).waitFor()
}

export function testLine(stage: Stage): void {
  testTrying(stage)
  testBrowsing(stage)
  testRestart(stage)
}

function testTrying({ device, hub, line, visits }: Stage): void {
  test('a device tries a source before it is saved: each tag has its value or its error, and a later edit outdates them', async () => {
    const { page } = await visits.visit(hub(), { path: '/sources/new' })
    const tools = card(page, 'On a device')
    await tools.getByText('Write a definition without mistakes first').waitFor()
    await textOf(page).fill(lineText(line()))
    await tools.getByText('Choose the device or the site first').waitFor()
    await page.getByLabel('Device', { exact: true }).selectOption(device)
    await tools.getByLabel('Through device').waitFor()
    expect(await tools.getByRole('button', { name: 'Browse' }).getAttribute('aria-disabled')).toBe('true')
    await testRead(page, '2 tags read, 1 of them bad')
    await row(page, 'speed').getByText('3.25').waitFor()
    await row(page, 'torque').getByText('address_unknown').waitFor()
    await checkThemes(page, 'trying')
    await textOf(page).fill(lineText(line()).replace('s=Nowhere', 's=Int16'))
    await tools.getByText('This result is old').waitFor()
    expect((await hub().client.source.list({ name: 'line-1' })).rows).toEqual([])
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'line-1' }).waitFor()
  })

  test(
    'a long test read is cancelled',
    deep('the quick test of a read by a device shows the same card; hub tests show the end of a question'),
    async () => {
      // It takes every connection and never sends a byte.
      const silent = createServer().listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      const { page } = await visits.visit(hub(), { path: '/sources/new' })
      await textOf(page).fill(`name: silent
protocol: modbus
connection: { host: 127.0.0.1, port: ${port}, timeoutMs: 60000 }
groups: [{ name: all, everyMs: 1000, tags: [{ name: level, address: "holding:1" }] }]
`)
      await page.getByLabel('Device', { exact: true }).selectOption(device)
      const tools = card(page, 'On a device')
      await tools.getByLabel('Longest wait').selectOption('1 minute')
      await tools.getByRole('button', { name: 'Test read' }).click()
      await tools.getByText(`${device} connects and reads`).waitFor()
      await tools.getByRole('button', { name: 'Cancel' }).click()
      await tools.getByText('The test read was cancelled').waitFor()
      silent.close()
    },
  )
}

function testBrowsing({ device, hub, visits }: Stage): void {
  test('the nodes of the equipment are opened by keyboard, searched, selected, and added as tags', async () => {
    const { page } = await visits.visit(hub(), { path: '/sources' })
    await page.getByRole('link', { name: 'line-1' }).click()
    const state = card(page, 'Devices').getByRole('row', { name: new RegExp(device) })
    await state.getByText('Up', { exact: true }).waitFor()
    await card(page, 'On a device').getByRole('button', { name: 'Browse' }).click()
    const places = tree(page)
    await places.getByRole('treeitem', { name: 'Line1' }).click()
    await places.focus()
    await page.keyboard.press('ArrowLeft')
    await places.getByRole('treeitem', { name: 'Line1', expanded: false }).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByText(/^1,00\d fetched/).waitFor()
    const filter = page.getByLabel('Filter the fetched nodes')
    await filter.fill('uint')
    const place = (name: string) => places.getByRole('treeitem', { name: new RegExp(`^${name}( |$)`) })
    // A level of more than a thousand comes in parts.
    await places.getByRole('treeitem', { name: /^Fetch more: \d+ are left/ }).click()
    await place('UInt16').click()
    await places.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Add 2 tags' }).waitFor()
    await page.evaluate("document.querySelector('[role=tree]').closest('section.card').scrollIntoView()")
    await lookAt(page, 'source-browse')
    await filter.fill('double')
    await place('Double').getByText('in the source').waitFor()
    await page.getByRole('button', { name: 'Add 2 tags' }).click()
    await card(page, 'Checks').getByText('line-1, 4 tags').waitFor()
    expect(await textOf(page).inputValue()).toContain('{ name: UInt16, address: ns=2;s=UInt16 }')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('version 2,').waitFor()
    const tagsThere = async () => (await hub().client.source.read({ device, source: 'line-1' })).readings
    const read = async () => (await tagsThere()).find(({ value: { tag } }) => tag === 'UInt16')?.value
    await vi.waitFor(async () => expect(await read()).toMatchObject({ quality: 'good', value: 59_993 }), {
      timeout: PATIENCE_MS,
      interval: 500,
    })
  })
}

function testRestart({ device, hub, visits }: Stage): void {
  test(
    'a source is restarted with a reason; a simulated pump cannot be browsed',
    deep('the hub and agent tests show the restart; the quick tests show other questions with a reason'),
    async () => {
      const { page } = await visits.visit(hub(), { path: '/sources' })
      await page.getByRole('link', { name: 'pump-1' }).click()
      await page.getByRole('button', { name: `Restart on ${device}` }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Reason').fill('tried from the console')
      await dialog.getByRole('button', { name: 'Restart' }).click()
      await page.getByText(`pump-1 on ${device} restarts`).waitFor()
      const { rows } = await hub().client.audit.list({ action: 'source.restart', limit: 1 })
      expect(rows[0]).toMatchObject({ result: 'ok', detail: { source: 'pump-1', reason: 'tried from the console' } })
      const browse = card(page, 'On a device').getByRole('button', { name: 'Browse' })
      expect(await browse.getAttribute('aria-disabled')).toBe('true')
      expect(await browse.getAttribute('data-tooltip')).toContain('a simulator source has no list of its data points')
    },
  )
}
