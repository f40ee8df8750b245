/**
 * The pages of devices in a real browser: words above the list, columns that choose themselves by the width, the button
 * that joins a device, and the tense of a silent one.
 */
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { digestOf } from '@skerry/platform/files/hash'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeLinks } from '../../../apps/hub/src/devices/device-link-store.ts'
import { storeReport } from '../../../apps/hub/src/link/reports/report-store.ts'
import { addDevices, type FleetDevice, INTERVAL_MS } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { INVENTORY } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

const DEVICES_PER_SITE = 3
const HOUR_MS = 3_600_000

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the page of devices', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    const { store, ids } = hub.hub
    const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
    const devices: FleetDevice[] = []
    const place = { store, ids, organisationId, clock: { ms: Date.now() }, devices }
    for (const site of ['oslo', 'bergen']) {
      const inventory = site === 'oslo' ? { cpuModel: 'Cortex-A72', arch: 'arm64', memoryBytes: 2 ** 32 } : {}
      devices.push(...(await addDevices(place, DEVICES_PER_SITE, { site, labels: { line: '4' }, inventory })))
    }
    const [failed, older, silent, , cut, stopped] = devices
    if (!failed || !older || !silent || !cut || !stopped) throw new Error('too few devices')
    await report(failed, Date.now(), [
      { name: 'ocr', version: 3 },
      { name: 'anomaly', version: 2, isFailed: true },
    ])
    await report(older, Date.now(), [{ name: 'anomaly', version: 2, isFailed: true, serving: 1 }])
    await report(silent, Date.now() - 3 * HOUR_MS, [{ name: 'anomaly', version: 1 }])
    for (const device of [cut, stopped]) await report(device, Date.now() - 1_000, [], 'Atom')
    const link = { hub_id: hub.hub.cluster.hubId, connected_at_ms: Date.now() - HOUR_MS, ended_at_ms: Date.now() }
    await store.transaction((tx) =>
      storeLinks(tx, [
        { ...link, device_id: cut.id, ended: 'closed' },
        { ...link, device_id: stopped.id, ended: 'goodbye' },
      ]),
    )
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (path: string, options?: VisitOptions) => {
    const { page } = await visits.visit(hub, options)
    await page.goto(path)
    return page
  }

  test('finds devices by words, by fields and by a selector, and says why a text is neither', async () => {
    const page = await visit('/devices')
    await counted(page, '6 devices')
    const filter = page.getByLabel('Filter devices')
    for (const [text, count] of [
      ['anomaly', '3 devices'],
      ['site:bergen', '3 devices'],
      ['health:failed', '1 device'],
      ['anomaly:1 silent', '1 device'],
      ['cortex line=4', '3 devices'],
      ['site.name == "bergen" && device.labels.line == "4"', '3 devices'],
    ] as const) {
      await filter.fill(text)
      await counted(page, count)
      await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe(text)
    }
    await page.getByRole('button', { name: 'How to filter' }).click()
    await page.getByText('golden_mismatch').waitFor()
    await page.keyboard.press('Escape')
    visits.forgive(/status of 400/)
    await filter.fill('modell:anomaly')
    await page.getByRole('alert').getByText('devices have no field "modell"').waitFor()
    await filter.fill('memory:23')
    await page.getByRole('alert').getByText('devices have no field "memory". The fields are name').waitFor()
    await filter.fill('site.name = "oslo"')
    await page.getByRole('alert').getByText('the filter is read as a selector').waitFor()
    await filter.fill('nothing-like-this')
    await page.getByText('No device fits the filter').waitFor()
  })

  test('a device without a connection was healthy, and a stopped agent has its own word and filter', async () => {
    const page = await visit('/devices', { width: 1440 })
    await page.getByRole('row', { name: /Was healthy device-0004 no bergen/ }).waitFor()
    await page.getByRole('row', { name: /Stopped device-0005 no bergen/ }).waitFor()
    await checkThemes(page, 'devices without a connection')
    await page.getByLabel('Health').selectOption('stopped')
    await counted(page, '1 device')
    await expect.poll(() => page.url()).toContain('health=stopped')
    await page.getByLabel('Health').selectOption('')
    await page.getByLabel('Filter devices').fill('health:stopped')
    await counted(page, '1 device')
    await page.getByLabel('Filter devices').fill('health:failed site:bergen')
    await page.getByText('A device that rolled back from a failed version is not failed any more').waitFor()
    await page.getByRole('button', { name: 'Show remembered failures' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('failure:remembered')
    await page.setViewportSize({ width: 390, height: 800 })
    await page.goto('/devices')
    await page.getByText('Was healthy').waitFor()
  })

  test('shows models, processor and memory, and only the essentials on a phone', async () => {
    const page = await visit('/devices', { width: 1440 })
    await page.getByRole('row', { name: /device-0000.*anomaly:2 failed, ocr:3.*0\.1\.0.*Cortex-A72.*4 GiB/ }).waitFor()
    await page.getByRole('row', { name: /device-0001.*anomaly:2 failed, 1 serves/ }).waitFor()
    await page.getByRole('button', { name: 'Memory' }).click()
    await expect.poll(() => page.url()).toContain('sort=memory')
    await page.setViewportSize({ width: 390, height: 800 })
    const heads = page.getByRole('columnheader')
    await expect.poll(() => heads.allInnerTexts()).toEqual(['', 'Health', 'Name'])
    const sideways = 'document.querySelector("section[aria-label=Devices]").scrollWidth - innerWidth'
    expect(await page.evaluate<number>(sideways)).toBeLessThanOrEqual(0)
    await checkThemes(page, 'devices on a phone')
  })

  test('the page of a silent device says when its facts were reported, and an alert what serves', async () => {
    const page = await visit('/devices/device-0002')
    await page.getByText('version 1 served').waitFor()
    await page.getByText('When the device last reported, it was in its desired state').waitFor()
    await expect.poll(() => page.getByText('reported 3h ago').count()).toBeGreaterThan(2)
    expect(await page.getByText('version 1 serves').count()).toBe(0)
    await page.getByText('Was active', { exact: true }).waitFor()
    // Its connection ended a moment ago, so its reports are not missing yet.
    await page.goto('/devices/device-0004')
    await page.getByText('The device was in its desired state when it last reported.', { exact: true }).waitFor()
    await page
      .getByText(/^not connected since \d/)
      .first()
      .waitFor()
    await page.goto('/devices/device-0005')
    await page.getByText('when it last reported. Its agent was stopped: start it.').waitFor()
    await page.goto('/')
    const finding =
      'anomaly:2 failed on device-0000 at oslo: golden_mismatch: case 1 is off by 3; no version of anomaly'
    await page.getByText(`${finding} serves there, other models do: ocr:3`).waitFor()
    await page.goto('/devices/device-0001')
    await page.getByText('version 1 serves').waitFor()
    expect(await page.getByText(/^reported .* ago$/).count()).toBe(0)
  })

  test('the button joins a device with a command to copy, or names the missing permission', async () => {
    const page = await visit('/devices')
    await page.getByRole('button', { name: 'Join a device' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Site').selectOption('oslo')
    await dialog.getByRole('button', { name: 'New token' }).click()
    await page.getByRole('tab', { name: 'By hand' }).click()
    await page.getByText(/skerry agent --join \S+/).waitFor()
    const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
    const viewer = await visit('/devices', { key: body.secret })
    const button = viewer.getByRole('button', { name: 'Join a device' })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.focus()
    await viewer
      .getByRole('tooltip', { name: 'You cannot do this, because the role viewer lacks token.write' })
      .waitFor()
  })
})

const counted = (page: Page, count: string) => page.getByRole('status').filter({ hasText: count }).waitFor()

type Model = { name: string; version: number; isFailed?: true; serving?: number }

/** Stores the report of a device as if it had arrived at that time. */
async function report({ id }: FleetDevice, atMs: number, models: readonly Model[], cpuModel = 'Cortex-A72') {
  const { store, ids } = hub.hub
  const items: DeviceReport['items'] = models.map(({ name, version, isFailed, serving = isFailed ? 0 : version }) => ({
    kind: 'model',
    name,
    deploymentId: ids.deployment(),
    target: { revision: 1, version, digest: digestOf(`${name}/${version}`), retryToken: 0 },
    state: isFailed ? 'failed' : 'active',
    ...(isFailed && { cause: { code: 'golden_mismatch', message: 'case 1 is off by 3' } }),
    sinceMs: atMs,
    ...(serving > 0 && { serving: { version: serving, digest: digestOf(`${name}/${serving}`) } }),
  }))
  const fields = { v: 1, atMs, agentVersion: '0.1.0', bootId: 'boot-0001', observedGeneration: 0 } as const
  const inventory = { ...INVENTORY, cpuModel, arch: 'arm64', memoryBytes: 2 ** 32 }
  const report: DeviceReport = { ...fields, lastGoodGeneration: 0, items, conditions: [], endpoints: {}, inventory }
  await store.transaction((tx) =>
    storeReport(tx, { deviceId: id, report, receivedAtMs: atMs, intervalMs: INTERVAL_MS }),
  )
}
