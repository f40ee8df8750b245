/**
 * Destinations of values in a real browser: sinks, with each device's report of one; and values at the hub, as they
 * come and over a time.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectionStatus } from '@skerry/contract/connections/connection'
import type { SinkTrial } from '@skerry/contract/sinks/sink-trial'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import {
  joinDevice,
  openLink,
  reportOf,
  type TestDevice,
  type TestLink,
} from '../../../apps/hub/test/stage/test-device.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let gateway: TestDevice
const visits = openVisits(() => browser)

const SPEC = {
  name: 'plant-database',
  protocol: 'postgres',
  connection: { host: 'db.plant.example', database: 'p', user: 's' },
}

const card = (page: Page, name: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })

/** The tests of sinks that the hub sends to the device of the link. */
async function testsOn({ client }: TestLink) {
  const commands = (await client.commands({ kinds: ['test-sink'] }))[Symbol.asyncIterator]()
  return {
    async answer(expected: object, trial: SinkTrial) {
      const { value: command } = await commands.next()
      if (command?.kind !== 'test-sink') throw new Error('not test-sink')
      expect(command).toMatchObject(expected)
      await client.answer({ id: command.id, kind: 'test-sink', ...trial })
    },
  }
}

/** Values of the last 50 minutes: a wave, within it ten minutes of nothing and two of bad values; and a text. */
function valuesUntil(nowMs: number): SinkValue[] {
  const times = Array.from({ length: 360 }, (_, index) => nowMs - (360 - index) * 8_000)
  const heard = times.filter((_, index) => index < 100 || index >= 160)
  const speeds = heard.map((eventTimeMs, index): SinkValue => {
    const isBad = index >= 280
    const of = { signal: 'press-7/speed', unit: 'bar', eventTimeMs }
    return isBad
      ? { ...of, quality: 'bad', cause: 'source_lost' }
      : { ...of, quality: 'good', value: 10 * Math.sin(index / 20) }
  })
  return [...speeds, { signal: 'press-7/label', quality: 'uncertain', value: 'A', cause: 'old', eventTimeMs: nowMs }]
}

describe.skipIf(!hasBrowser)('sinks', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    gateway = await joinDevice(hub, { name: 'press-gateway', site: 'rotterdam' })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('a sink without a flow is listed, shows its queue and losses on each device, and its removal lists the effect', async () => {
    const { page } = await visits.visit(hub, { path: '/sinks' })
    await page.getByText('No sinks yet').waitFor()
    const body = { scope: 'site:rotterdam', spec: SPEC }
    expect((await hub.ask('PUT', '/v1/sinks/plant-database', { body })).status).toBe(200)
    using link = await openLink(hub, gateway)
    await link.client.report(reportOf())
    const status = ConnectionStatus.parse({
      kind: 'sink',
      name: 'plant-database',
      state: 'down',
      sinceMs: Date.now(),
      digest: `sha256:${'0'.repeat(64)}`,
      cause: { code: 'sink_denied', message: 'the password is wrong' },
      figures: {
        valuesPerSecond: 0,
        rounds: 3,
        skipped: 0,
        lost: 7,
        crashes: 0,
        waiting: 1_200,
        waitingBytes: 4_096,
        oldestMs: 90_000,
      },
    })
    await link.client.held({ name: 'connections', held: { running: [status] } })
    await page.getByRole('link', { name: 'plant-database' }).waitFor()
    const listed = page.getByRole('row', { name: /^plant-database/ })
    await listed.getByText('Down', { exact: true }).waitFor()
    await listed.getByText('the password is wrong').waitFor()
    await lookAt(page, 'sinks')
    await page.goto('/')
    await page.getByRole('link', { name: 'Sinks down 1' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sinks' }).waitFor()
    await page.goto('/devices/press-gateway?tab=equipment')
    await page.getByRole('row', { name: /^plant-database postgres Down/ }).waitFor()
    await checkThemes(page, 'the equipment of a device')
    await page.goto('/sinks')
    await page.getByRole('link', { name: 'plant-database' }).click()
    const row = card(page, 'Devices').getByRole('row', { name: /press-gateway/ })
    await row.getByText('the password is wrong').waitFor()
    await row.getByText('1,200 (').waitFor()
    await card(page, 'Definition').getByText('db.plant.example').waitFor()
    const tests = card(page, 'Test on a device')
    const asked = await testsOn(link)
    await tests.getByRole('button', { name: 'Test the sink' }).click()
    await tests.getByText('press-gateway connects to the destination.').waitFor()
    const cause = { code: 'sink_denied', message: 'the password is wrong' }
    await asked.answer({ isSent: false }, { reached: 'nothing', cause })
    await tests.getByText('The device did not reach the destination.').waitFor()
    await tests.getByText('sink_denied: the password is wrong').waitFor()
    await lookAt(page, 'sink')
    await page.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 device').waitFor()
    await dialog.getByLabel('Type plant-database').fill('plant-database')
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sinks' }).waitFor()
    await page.getByText('No sinks yet').waitFor()
    expect((await hub.ask('GET', '/v1/sinks')).body).toEqual({ rows: [] })
  })
  test('a sink is written or uploaded, each error shows its line, and a concurrent change is not overwritten', async () => {
    const file = await readFile(join(import.meta.dirname, '../../../examples/sinks/plant-database.yaml'), 'utf8')
    const { page } = await visits.visit(hub, { path: '/sinks' })
    await page.getByRole('button', { name: 'New sink' }).click()
    await page.getByText('Write a sink or choose a file').waitFor()
    const text = page.getByLabel('Definition (YAML)')
    await text.fill('name: plant-database\nprotocol: telex\n')
    await card(page, 'Checks').getByText('protocol: must be one of amqp').waitFor()
    await card(page, 'Checks').getByRole('button', { name: 'Line 2' }).click()
    expect(await page.getByRole('button', { name: 'Save' }).getAttribute('aria-disabled')).toBe('true')
    await page.getByLabel('Choose a file').setInputFiles({
      name: 'plant-database.yaml',
      mimeType: 'text/yaml',
      buffer: Buffer.from(file),
    })
    await card(page, 'Checks').getByText('plant-database, over postgres: no mistakes.').waitFor()
    await page.getByLabel('For').selectOption({ label: 'the devices of a site' })
    await page.getByLabel('Site').selectOption('rotterdam')
    await card(page, 'Effect').getByText('1 device would start').waitFor()
    expect(await axeViolations(page), 'writing').toEqual([])
    using link = await openLink(hub, gateway)
    await link.client.report(reportOf())
    const tests = card(page, 'Test on a device')
    await tests.getByLabel('Send one test value').check()
    await tests.getByText('called skerry-test/plant-database').waitFor()
    const asked = await testsOn(link)
    await tests.getByRole('button', { name: 'Test the sink' }).click()
    await asked.answer({ isSent: true }, { reached: 'value', valueId: 'test-1' })
    await tests.getByText('The destination has confirmed the test value.').waitFor()
    await tests.getByText('Test value: skerry-test/plant-database, id test-1').waitFor()
    expect((await hub.ask('GET', '/v1/sinks')).body).toEqual({ rows: [] })
    await tests.getByLabel('Send one test value').uncheck()
    await tests.getByText('This result is old').waitFor()
    await checkThemes(page, 'a tested sink')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'plant-database' }).waitFor()

    await page.getByRole('button', { name: 'Change' }).click()
    const changed = page.getByLabel('Definition (YAML)')
    await changed.fill((await changed.inputValue()).replace('name: plant-database', 'name: other'))
    await card(page, 'Checks').getByText('you cannot change the name').waitFor()
    await changed.fill(file.replace('db.plant', 'db-2.plant'))
    await card(page, 'Effect').getByText('It would be changed').waitFor()
    const spec = parse(file.replace('db.plant', 'db-3.plant'))
    const body = { scope: 'site:rotterdam', spec }
    expect((await hub.ask('PUT', '/v1/sinks/plant-database', { body })).status).toBe(200)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('somebody else has changed it').waitFor()
    visits.forgive(/412/)
    const { rows } = (await hub.ask<{ rows: { id: string; version: number }[] }>('GET', '/v1/sinks')).body
    expect(rows).toMatchObject([{ version: 2 }])
  })

  test(
    "a device's values at the hub are shown live with their quality, and over time with bad and missing ones",
    deep('hub tests show stored values; web-equipment shows live ones in the quick tier'),
    async () => {
      const path = '/devices/press-gateway?tab=values'
      const { page } = await visits.visit(hub, { path })
      await page.getByText('This device has sent no values to the hub').waitFor()
      using link = await openLink(hub, gateway)
      await link.client.telemetry({
        stream: '00112233445566aa',
        lane: 'normal',
        first: 1,
        values: valuesUntil(Date.now()),
      })
      await page
        .getByRole('row', { name: /press-7\/speed/ })
        .getByText('Bad')
        .waitFor()
      await page.getByRole('button', { name: 'press-7/label' }).click()
      await page.getByText('There is no chart').waitFor()
      await page.getByLabel('Filter the signals').fill('speed')
      const signal = page.getByRole('button', { name: 'press-7/speed' })
      await signal.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('img', { name: /^press-7\/speed: 300 values, 20 bad, from -9.9\d* to 9.9\d* bar/ }).waitFor()
      await page.getByLabel('Filter the signals').fill('')
      await lookAt(page, 'device-values')
      await page.getByText('As a table').click()
      await page.getByRole('columnheader', { name: 'Mean' }).waitFor()
      await page.getByLabel('Time', { exact: true }).selectOption('Last 7 days')
      await page.waitForURL(/span=7d/)
      await page.getByRole('img', { name: /^press-7\/speed: 300 values/ }).waitFor()
      await checkThemes(page, 'values as a table')
      await page.setViewportSize({ width: 820, height: 1180 })
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    },
  )
})
