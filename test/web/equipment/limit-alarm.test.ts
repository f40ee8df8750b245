/**
 * An alarm at a limit of a tag, made in a real browser without a file; the devices that get a flow by default; and
 * equipment that is down, on a small window and a phone.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectionStatus } from '@skerry/contract/connections/connection'
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { unfitting } from '../stage/cut-text.ts'
import { ownersCli } from '../stage/deploy-fleet.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const FLOW = 'pump-1-temperature-alarm'

let hub: TestHub
let browser: Browser
let gateway: TestDevice
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('an engineer with a source', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    gateway = await joinDevice(hub, { name: 'press-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'hall-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'oslo-1', site: 'oslo' })
    const pump = await readFile(join(import.meta.dirname, '../../../examples/sources/pump-simulator.yaml'), 'utf8')
    const body = { scope: 'device:press-gateway', spec: SourceSpec.parse(parse(pump)) }
    expect((await hub.ask('PUT', '/v1/sources/pump-1', { body })).status).toBe(200)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('makes an alarm at a limit of a tag, which goes to the device with the source', async () => {
    const { page } = await visits.visit(hub, { path: '/sources' })
    await page.getByRole('link', { name: 'pump-1' }).click()
    await page.getByRole('link', { name: 'Alarm at a limit' }).click()
    const make = page.getByRole('button', { name: 'Make the flow' })
    expect(await make.getAttribute('aria-disabled')).toBe('true')
    await page.getByLabel('Tag', { exact: true }).selectOption({ label: 'temperature (°C)' })
    await page.getByLabel('Limit', { exact: true }).fill('63')
    await page.getByLabel('Ends at').fill('61')
    await checkThemes(page, 'the form of an alarm at a limit')
    await make.click()
    await page.getByText(`${FLOW}, 4 parts: no mistakes found here.`).waitFor()
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByText(`${FLOW}:1 is signed and ready`).waitFor()
    await page.getByRole('link', { name: 'Deploy', exact: true }).click()
    await page.getByText('every device whose name is press-gateway').waitFor()
  })

  test('deploys a flow on the command line only where its source is, unless a selector is given', async () => {
    const byDefault = await ownersCli(hub, ['deploy', FLOW, '--dry-run'])
    expect(byDefault.err).toContain(`Only devices that have pump-1: --to 'device.name == "press-gateway"'`)
    expect(byDefault.out).toContain('to 1 device')
    const given = await ownersCli(hub, ['deploy', FLOW, '--to', 'site.name == "rotterdam"', '--dry-run'])
    expect(given.err).toContain('1 device (hall-gateway) lacks pump-1; there the flow waits.')
    const fitting = await ownersCli(hub, ['deploy', FLOW, '--to', 'device.name == "press-gateway"', '--dry-run'])
    expect(fitting.err).toBe('')
    expect((await ownersCli(hub, ['source', 'rm', 'pump-1', '--device', 'press-gateway', '--yes'])).code).toBe(0)
    const without = await ownersCli(hub, ['deploy', FLOW, '--dry-run'])
    expect(without.err).toContain('No device has the source pump-1. Add it with "skerry source add"')
    expect(without.out).toContain('to 3 devices')
  })

  test('reads equipment that is down on a small window and on a phone', async () => {
    const body = { scope: 'device:press-gateway', spec: parse(PRESS) }
    const set = await hub.ask<{ connection: { digest: string } }>('PUT', '/v1/sources/press-7', { body })
    expect(set.status).toBe(200)
    using link = await openLink(hub, gateway)
    await link.client.report(reportOf())
    await link.client.held({ name: 'connections', held: { running: [downSince(set.body.connection.digest)] } })
    const { page } = await visits.visit(hub, { path: '/devices/press-gateway?tab=equipment', width: 1_024 })
    await page.getByText('cannot connect to 10.0.0.5:502').waitFor()
    expect(await sidewaysOf(page, 'Sources')).toBe(0)
    await page.getByRole('button', { name: 'Restart on press-gateway' }).waitFor()
    await page.goto('/')
    await page.getByText('Sources down', { exact: true }).waitFor()
    expect(await lastRow(page), 'no tile stands alone').toBeGreaterThan(1)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto('/sources')
    await page.getByRole('link', { name: 'press-7' }).waitFor()
    expect(await page.getByRole('columnheader').allTextContents()).toEqual(['Name', 'State'])
    expect(await unfitting(page)).toEqual([])
  })
})

const PRESS = `{ name: press-7, protocol: modbus, connection: { host: 10.0.0.5 }, groups: [
  { name: main, everyMs: 1000, tags: [{ name: speed, address: "holding:7", type: uint16 }] }] }`

const downSince = (digest: string) =>
  ConnectionStatus.parse({
    kind: 'source',
    name: 'press-7',
    state: 'down',
    sinceMs: Date.now() - 120_000,
    digest,
    cause: { code: 'source_failed', message: 'cannot connect to 10.0.0.5:502 (ECONNREFUSED)' },
  })

/** The part of a table that is outside of its card, in pixels. */
const sidewaysOf = (page: Page, table: string) =>
  page.evaluate<number>(
    `(() => { const box = document.querySelector('table[aria-label="${table}"]').parentElement; return box.scrollWidth - box.clientWidth })()`,
  )

/** The number of tiles in the last row. */
const lastRow = (page: Page) =>
  page.evaluate<number>(
    `(() => { const tops = [...document.querySelectorAll('ul[aria-label="Devices"] > li')].map((tile) => tile.offsetTop); return tops.filter((top) => top === Math.max(...tops)).length })()`,
  )
