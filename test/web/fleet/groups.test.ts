/** Groups in a real browser: a person makes one, sees who joins and leaves, and finds things by their names. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let folder: string
let hub: HubProgram
const agents: AgentProgram[] = []
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('groups', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-groups-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    for (const device of ['pump-1', 'fan-1']) {
      const site = { name: 'plant', kind: 'edge', country: 'NO' } as const
      agents.push(await startAgent(hub, { site, device, folder }))
      await hub.client.device.relabel({ device, labels: { kind: device.split('-')[0] ?? '' } })
    }
    await hub.client.source.set({
      name: 'pump-meter',
      spec: {
        name: 'pump-meter',
        protocol: 'simulator',
        groups: [
          { name: 'process', everyMs: 1_000, tags: [{ name: 'level', signal: { kind: 'constant', value: 1 } }] },
        ],
      },
    })
  })
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop()))
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('the settings of a device, each with its place, and its facts', async () => {
    const { page } = await visits.visit(hub, { path: '/devices/pump-1?tab=settings' })
    await page.getByText('No settings').waitFor()
    const facts = [{ name: 'hall', from: { environment: 'HALL' } }]
    await hub.client.settings.set({ settings: 'site:plant', spec: { logLevel: 'warn', facts } })
    await page.getByRole('row', { name: /Log level.*warn.*site plant/ }).waitFor()
    await page.getByRole('row', { name: /hall.*start its agent with --allow-fact env:HALL/ }).waitFor()
    await checkThemes(page, 'device-settings')
    await hub.client.settings.set({ settings: 'site:plant', spec: {} })
    await page.getByText('No settings').waitFor()
  })

  test('a person sets agents by a form, sees the devices that change, and the values that a device inherits', async () => {
    const { page } = await visits.visit(hub, { path: '/settings?tab=agents' })
    await page.getByText('No place has settings yet').waitFor()
    await page.getByRole('button', { name: 'Set for a place' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Free disk space').fill('1')
    await dialog.getByText('expected number to be >=64').waitFor()
    await dialog.getByLabel('Free disk space').fill('500')
    await dialog.getByText('2 devices get other values: fan-1, pump-1').waitFor()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /Organisation.*Free disk space: 500 MB.*all as set/ }).waitFor()
    await checkThemes(page, 'agent-settings')

    await page.goto('/devices/pump-1?tab=settings')
    await page.getByRole('button', { name: 'Change the settings of device pump-1' }).click()
    await dialog.getByText('Empty: 500, from Organisation.').waitFor()
    await dialog.getByLabel('Log level').selectOption('warn')
    await dialog.getByLabel('Facts, locks and network').fill('facts: [{ name: hall, from: { environment: HALL } }]')
    await dialog.getByText('1 device gets other values: pump-1').waitFor()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /Log level.*warn.*device pump-1/ }).waitFor()
    await page.getByRole('row', { name: /hall.*start its agent with --allow-fact env:HALL/ }).waitFor()
    // Another person has made a change since the form was opened.
    visits.forgive(/412 \(Precondition Failed\)/)
    await page.getByRole('button', { name: 'Change the settings of Organisation' }).click()
    await hub.client.settings.set({ settings: 'organisation', spec: { diskFreeMinMb: 600 } })
    await dialog.getByLabel('Free disk space').fill('700')
    await dialog.getByText('2 devices get other values').waitFor()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('alert').waitFor()
    for (const settings of ['organisation', 'device:pump-1']) await hub.client.settings.set({ settings, spec: {} })
  })

  test('a person makes a group, sees who joins and leaves, and removes it', async () => {
    const { page } = await visits.visit(hub, { path: '/groups' })
    await page.getByText('No groups yet').waitFor()
    await page.getByRole('button', { name: 'New group' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('pumps')
    await dialog.getByLabel('Selector').fill('device.labels.kind == "pump"')
    await dialog.getByText('1 device joins: pump-1').waitFor()
    await dialog.getByLabel('Description').fill('Line 4')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /pumps.*Line 4/ }).waitFor()
    await checkThemes(page, 'groups')

    await page.getByRole('link', { name: 'pumps' }).click()
    await page.getByRole('heading', { name: 'Members (1)' }).waitFor()
    await page.getByText('Nothing names the group yet.').waitFor()
    await page.getByRole('button', { name: 'Change' }).click()
    await dialog.getByLabel('Selector').fill('device.labels.kind == "fan"')
    await dialog.getByText('1 device joins: fan-1').waitFor()
    await dialog.getByText('1 device leaves: pump-1').waitFor()
    await checkThemes(page, 'group-change')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'fan-1' }).waitFor()
    await checkThemes(page, 'group')

    await page.getByRole('link', { name: 'Show all in the list of devices' }).click()
    await page.getByRole('row', { name: /fan-1/ }).waitFor()
    await expect.poll(() => page.getByRole('row', { name: /pump-1/ }).count()).toBe(0)
    await page.goBack()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No groups yet').waitFor()
  })

  test('the palette finds devices, groups, sources and actions, names first', async () => {
    await hub.client.group.set({ group: 'pumps-north', spec: { selector: 'device.online' } })
    const { page } = await visits.visit(hub, { path: '/' })
    await page.keyboard.press('Control+k')
    const input = page.getByPlaceholder(/Type a page/)
    await input.fill('pump')
    await page.getByRole('option', { name: /pump-meter/ }).waitFor()
    await page.getByRole('option', { name: /pumps-north/ }).waitFor()
    await page.getByRole('option', { name: /pump-1 at plant/ }).waitFor()
    await input.fill('pump-meter')
    await page.getByRole('option', { selected: true, name: /pump-meter/ }).waitFor()
    await input.fill('new source')
    await page.getByRole('option', { selected: true, name: 'New source' }).waitFor()
    await input.fill('devices')
    await page.getByRole('option', { selected: true, name: 'Devices' }).waitFor()
    await input.fill('pumps-north')
    await page.getByRole('option', { selected: true, name: /pumps-north/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'pumps-north' }).waitFor()
  })
})
