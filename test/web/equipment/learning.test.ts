/** Learn normal in a real browser: from a source to a detector with its alarm, in one form and without a file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const DEVICE = 'line-1'

let folder: string
let hub: HubProgram
let agent: AgentProgram
let browser: Browser
const visits = openVisits(() => browser)

const CONSTANT = { kind: 'constant' as const, value: 30 }

const sine = (name: string, mean: number, periodSeconds: number) => ({
  name,
  unit: 'bar',
  signal: { kind: 'sine' as const, mean, amplitude: 5, periodSeconds },
})

describe.skipIf(!hasBrowser)('learn normal', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-learning-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
    const tags = [sine('inlet', 20, 3), sine('outlet', 40, 3), { ...sine('setpoint', 30, 3), signal: CONSTANT }]
    const groups = [{ name: 'process', everyMs: 100, tags }]
    await hub.client.source.set({
      name: 'pump',
      spec: { name: 'pump', protocol: 'simulator', connection: { seed: 3 }, groups },
    })
    await until(async () => (await hub.client.source.ofDevice({ device: DEVICE })).running[0]?.state === 'up')
  })
  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a person ticks tags, and gets a detector whose page compares candidates; a constant tag is refused', async () => {
    const { page } = await visits.visit(hub, { path: '/learning' })
    await page.getByText('No learnings yet').waitFor()
    const start = async (name: string, tags: readonly string[]) => {
      await page.getByRole('button', { name: 'Learn normal' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Device', { exact: true }).selectOption(DEVICE)
      await dialog.getByLabel('Source', { exact: true }).selectOption('pump')
      for (const tag of tags) await dialog.getByRole('checkbox', { name: new RegExp(`^${tag} `) }).check()
      await dialog.getByLabel('Name of the detector').fill(name)
      await dialog.getByLabel('Collect for').fill('30')
      await dialog.getByLabel('Unit').selectOption('seconds')
      await dialog.getByLabel('A row every (ms)').fill('100')
      await dialog.getByLabel('Rows of a window').fill('8')
      await dialog.getByLabel('Shadow (hours)').fill('0.002')
      await dialog.getByText('The device will collect 300 rows.').waitFor()
      if (name === 'pump-normal') await checkThemes(page, 'the form')
      await dialog.getByRole('button', { name: 'Start' }).click()
      await dialog.waitFor({ state: 'hidden' })
    }
    await start('pump-normal', ['inlet', 'outlet'])
    await start('pump-constant', ['inlet', 'setpoint'])
    await page.getByRole('link', { name: 'pump-normal' }).click()
    await page.getByRole('progressbar', { name: 'Collected rows' }).waitFor()
    await page.getByRole('link', { name: 'pump-normal, version 1' }).waitFor()
    await page.getByRole('row', { name: /^Principal components/ }).waitFor()
    await page.getByRole('row', { name: /^Isolation forest/ }).waitFor()
    await page.getByRole('link', { name: 'pump-normal-alarm, version 1' }).waitFor()
    await page.getByText('0 alarms in 70 of 70 rows').waitFor()
    await checkThemes(page, 'a learning')
    await page.goto(`${hub.url}/learning/pump-constant`)
    await page.getByText('setpoint had one value all the time: 30', { exact: true }).waitFor()
    await page.getByText('leave the tag out, or learn while it moves').waitFor()
    await checkThemes(page, 'a refused learning')
    await page.goto(`${hub.url}/learning`)
    await page.getByRole('row', { name: /^pump-normal Done/ }).waitFor()
    await checkThemes(page, 'learnings')
  })
})
