/** From an empty hub to a live alarm, in a real browser and without a file, in the time that the guide promises. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, joinAgent, newHubHome, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, newVisitor, sharedBrowser } from '../stage/browser.ts'

const PROMISED_MS = 600_000

const DEVICE = 'line-1'

let folder: string
let hub: HubProgram
let browser: Browser
let agent: AgentProgram | undefined

describe.skipIf(!hasBrowser)('an engineer with tags and no model', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-first-alarm-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test(
    'joins a device, names a source, learns its tags, and sees the alarm of a fault with its tag',
    deep('sites, tokens, sources and learnings each have a quick test'),
    async () => {
      await using visitor = await newVisitor(browser, { url: hub.url })
      const { page, problems } = visitor
      const startedAtMs = Date.now()
      await page.goto(`/sign-in#key=${hub.connection.key}`)
      await page.getByText('0 of 4 done').waitFor()
      agent = await joinAgent({ token: await siteWithToken(page), device: DEVICE, folder })
      await saveSource(page)
      await learn(page)
      await page.getByRole('link', { name: 'pump-normal', exact: true }).click()
      await page.getByRole('link', { name: 'pump-normal-alarm, version 1' }).waitFor()
      // The shadow of a minute comes first.
      await until(async () => (await hub.client.learning.get({ name: 'pump-normal' })).phase === 'done')
      await until(
        async () => (await hub.client.deployment.get({ deployment: 'pump-normal-alarm' })).devices.healthy === 1,
      )
      // The machine breaks: its outlet measures too much.
      await breakOutlet()
      await page.goto('/')
      await page
        .getByText(/pump-normal-alarm.* on line-1 .*outlet/)
        .first()
        .waitFor()
      const { rows } = await hub.client.telemetry.signals({ device: DEVICE })
      expect(rows.find(({ signal }) => signal === 'pump-normal-alarm/alarms')?.newestNumber).toBe(1)
      expect(Date.now() - startedAtMs).toBeLessThan(PROMISED_MS)
      expect(problems).toEqual([])
    },
  )
})

async function siteWithToken(page: Page): Promise<string> {
  await page.goto('/sites')
  await page.getByRole('button', { name: 'New site' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('hamburg')
  await dialog.getByLabel('Country').fill('DE')
  await dialog.getByRole('button', { name: 'Review' }).click()
  await dialog.getByRole('button', { name: 'Create the site' }).click()
  await page.getByRole('heading', { level: 1, name: 'hamburg' }).waitFor()
  await page.getByRole('button', { name: 'Join a device here' }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'New token' }).click()
  await page.getByRole('tab', { name: 'By hand' }).click()
  const command = await page.getByText(/skerry agent --join skj_/).textContent()
  return command?.match(/skj_[\w-]+/)?.[0] ?? ''
}

/** As a person types it in the editor. */
const SOURCE = `name: pump
protocol: simulator
connection: { seed: 3 }
groups:
  - name: process
    everyMs: 100
    tags:
      - { name: inlet, unit: bar, signal: { kind: sine, mean: 20, amplitude: 5, periodSeconds: 3 } }
      - { name: outlet, unit: bar, signal: { kind: sine, mean: 40, amplitude: 5, periodSeconds: 3 } }
`

function breakOutlet() {
  const sine = (name: string, mean: number, offset: number) => ({
    name,
    unit: 'bar',
    offset,
    signal: { kind: 'sine' as const, mean, amplitude: 5, periodSeconds: 3 },
  })
  const groups = [{ name: 'process', everyMs: 100, tags: [sine('inlet', 20, 0), sine('outlet', 40, 15)] }]
  const spec = { name: 'pump', protocol: 'simulator' as const, connection: { seed: 3 }, groups }
  return hub.client.source.set({ name: 'pump', spec })
}

async function saveSource(page: Page): Promise<void> {
  await page.goto('/sources/new')
  await page.getByRole('button', { name: /^simulator / }).click()
  await page.getByLabel('Definition (YAML)').fill(SOURCE)
  await page.getByText('pump, 2 tags: no mistakes.').waitFor()
  await page.getByLabel('For').selectOption({ label: 'all devices' })
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'pump' }).waitFor()
}

async function learn(page: Page): Promise<void> {
  await page.goto('/learning')
  await page.getByRole('button', { name: 'Learn normal' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Device', { exact: true }).selectOption(DEVICE)
  await dialog.getByLabel('Source', { exact: true }).selectOption('pump')
  for (const tag of ['inlet', 'outlet']) await dialog.getByRole('checkbox', { name: new RegExp(`^${tag} `) }).check()
  await dialog.getByLabel('Name of the detector').fill('pump-normal')
  await dialog.getByLabel('Collect for').fill('60')
  await dialog.getByLabel('Unit').selectOption('seconds')
  await dialog.getByLabel('A row every (ms)').fill('100')
  await dialog.getByLabel('Rows of a window').fill('8')
  // A minute, in place of a day.
  await dialog.getByLabel('Shadow (hours)').fill('0.0167')
  await dialog.getByRole('checkbox', { name: /^Run the detector and its alarm/ }).check()
  await dialog.getByRole('button', { name: 'Start' }).click()
  await dialog.waitFor({ state: 'hidden' })
}
