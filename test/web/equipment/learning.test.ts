/** Learn normal in a real browser: from a source to a detector with its alarm, in one form and without a file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

const sine = (name: string, mean: number, periodSeconds: number, offset = 0) => ({
  name,
  unit: 'bar',
  offset,
  signal: { kind: 'sine' as const, mean, amplitude: 5, periodSeconds },
})

/** A service on the day before, which the device has no rows of. */
async function leaveOutYesterday(dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Leave a time out' }).click()
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  await dialog.getByLabel('From', { exact: true }).fill(`${day}T08:00`)
  await dialog.getByLabel('Until', { exact: true }).fill(`${day}T09:30`)
  await dialog.getByLabel('Reason', { exact: true }).fill('service')
}

describe.skipIf(!hasBrowser)('learn normal', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-learning-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
    await setPump()
    await until(async () => (await hub.client.source.ofDevice({ device: DEVICE })).running[0]?.state === 'up')
  })
  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** `offset`: the outlet has so much more than the inlet lets expect. */
  const setPump = (offset = 0) => {
    const tags = [sine('inlet', 20, 3), sine('outlet', 40, 3, offset), { ...sine('setpoint', 30, 3), signal: CONSTANT }]
    const groups = [{ name: 'process', everyMs: 100, tags }]
    const spec = { name: 'pump', protocol: 'simulator' as const, connection: { seed: 3 }, groups }
    return hub.client.source.set({ name: 'pump', spec })
  }

  test('a person ticks tags, and gets a detector whose page compares candidates; a constant tag is left out', async () => {
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
      if (name === 'pump-normal') {
        await leaveOutYesterday(dialog)
        await checkThemes(page, 'the form')
      }
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
    await page.getByRole('row', { name: /^Left out/ }).waitFor()
    await checkThemes(page, 'a learning')
    await page.goto(`${hub.url}/learning/pump-constant`)
    await page.getByText('setpoint had one value all the time: 30; the detector leaves it out').waitFor()
    await checkThemes(page, 'a learning with a finding')
    await page.goto(`${hub.url}/learning`)
    await page.getByRole('row', { name: /^pump-normal Done/ }).waitFor()
    await checkThemes(page, 'learnings')
  })

  test('a person starts an order for each of a fleet, sees the state of each machine, and cancels it', async () => {
    const { page } = await visits.visit(hub, { path: '/learning' })
    await page.getByRole('button', { name: 'Learn normal' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Learn for', { exact: true }).selectOption('together')
    await dialog.getByLabel('Machines (selector)').fill(`device.name == "${DEVICE}"`)
    await dialog.getByText('1 device now. They learn one detector together').waitFor()
    await dialog.getByLabel('Learn for', { exact: true }).selectOption('fleet')
    await dialog.getByText('1 device now. Each learns a detector of its own').waitFor()
    await dialog.getByLabel('A machine that shows the tags').selectOption(DEVICE)
    await dialog.getByLabel('Source', { exact: true }).selectOption('pump')
    for (const tag of ['inlet', 'outlet']) await dialog.getByRole('checkbox', { name: new RegExp(`^${tag} `) }).check()
    await dialog.getByLabel('Name of the detector').fill('pumps')
    await checkThemes(page, 'the form of an order')
    await dialog.getByRole('button', { name: 'Start' }).click()
    await page.getByText('pumps has started on 1 device').waitFor()
    await page.getByRole('button', { name: 'Orders for fleets' }).click()
    await page.getByRole('dialog').getByRole('link', { name: 'pumps' }).click()
    await page.getByRole('row', { name: new RegExp(`^${DEVICE} Collecting rows`) }).waitFor()
    await checkThemes(page, 'an order')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByLabel('Reason').fill('the line is rebuilt')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).last().click()
    await page.getByRole('row', { name: new RegExp(`^${DEVICE} Cancelled`) }).waitFor()
    await page.getByRole('link', { name: DEVICE }).click()
    await page.getByRole('link', { name: 'pumps', exact: true }).waitFor()
  })

  test(
    'machines that learn together have a joint detector on the page of their order, with the reason if there is none',
    deep('a second agent; test/learning/together.test.ts has the result of such an order'),
    async () => {
      await using other = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: 'line-2', folder })
      await until(async () => (await hub.client.source.ofDevice({ device: other.device })).running[0]?.state === 'up')
      const selector = 'site.name == "hamburg"'
      await hub.client.learning.startFleet({
        spec: { name: 'pumps-joint', selector, source: 'pump', tags: ['inlet', 'outlet'], federated: true },
      })
      const { page } = await visits.visit(hub, { path: '/learning/fleets/pumps-joint' })
      await page.getByText('These machines learn pump together: inlet, outlet.').waitFor()
      await page.getByRole('heading', { name: 'Joint detector' }).waitFor()
      await page.getByText('The parts of the machines are joined when each of them has sent its own.').waitFor()
      await page.getByRole('row', { name: /^line-2 Collecting rows/ }).waitFor()
      await checkThemes(page, 'an order of machines that learn together')
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByLabel('Reason').fill('the line is rebuilt')
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).last().click()
      await page.getByText('a joint detector needs the parts of at least 2 devices').waitFor()
    },
  )

  test(
    '"This was normal" on an alarm counts in the next learning, and the running detector stays',
    deep('a second training; quick tests show the page and the marks'),
    async () => {
      const { client } = hub
      const spec = { name: 'pump-warm', device: DEVICE, source: 'pump', tags: ['inlet', 'outlet'], everyMs: 100 }
      const learn = (result: 'deploy' | 'version') =>
        client.learning.start({ spec: { ...spec, samples: 8, seconds: 30, shadowSeconds: 0, result } })
      const ended = () => until(async () => (await client.learning.get({ name: 'pump-warm' })).phase === 'done')
      const running = async () => {
        const { revision, version, devices } = await client.deployment.get({ deployment: 'pump-warm' })
        return { revision, version, healthy: devices.healthy }
      }
      await setPump()
      await learn('deploy')
      await ended()
      const now = { revision: 1, version: 1, healthy: 1 }
      await until(async () => (await running()).healthy === 1)
      const isAlarmed = async () => {
        const { rows } = await client.telemetry.signals({ device: DEVICE })
        return rows.find(({ signal }) => signal === 'pump-warm-alarm/alarms')?.newestNumber === 1
      }
      await setPump(40)
      await until(isAlarmed)
      const { page } = await visits.visit(hub, { path: '/learning/pump-warm' })
      await page
        .getByRole('button', { name: /^This was normal: the alarm of/ })
        .first()
        .click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('The running detector stays as it is.').waitFor()
      await dialog.getByLabel('Reason').fill('the new filter')
      await dialog.getByRole('button', { name: 'This was normal' }).click()
      // The device has copied rows, and the mark waits for the next learning.
      await page.getByRole('row', { name: /^Normal .* [1-9]\d* rows in the next one/ }).waitFor()
      await checkThemes(page, 'a marked alarm')
      expect(await running()).toEqual(now)
      expect((await client.model.get({ name: 'pump-warm' })).versions).toHaveLength(1)
      expect(await isAlarmed()).toBe(true)
      await setPump()
      await until(async () => !(await isAlarmed()))
      await learn('version')
      await ended()
      await page.getByRole('row', { name: /^Normal .* in this detector/ }).waitFor()
      expect((await client.learning.get({ name: 'pump-warm' })).outcome?.marked?.rows).toBeGreaterThan(0)
      // The next detector is there, and the one that runs is still the one before.
      expect((await client.model.get({ name: 'pump-warm' })).versions).toHaveLength(2)
      expect(await running()).toEqual(now)
    },
  )
})
