/** Updates of agents in a real browser: the page of a package, the agent of a device, and the command of a new device. */
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { digestOf } from '@skerry/platform/files/hash'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeReport } from '../../../apps/hub/src/link/reports/report-store.ts'
import { addDevices, INTERVAL_MS } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { INVENTORY } from '../../../apps/hub/test/stage/test-device.ts'
import { upload } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const code = Buffer.from('the code')
const manifest = {
  v: 1,
  version: '0.2.0',
  architectures: ['x64'],
  node: { version: '24.1.0' },
  entry: 'main.js',
  launcher: 'launcher.js',
  parts: [{ path: 'parts/code.tar', digest: digestOf(code), sizeBytes: code.length, form: 'archive' }],
}

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('agents', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    const files = { 'agent.json': Buffer.from(JSON.stringify(manifest)), 'parts/code.tar': code }
    const named: { path: string; digest: string }[] = []
    for (const [path, bytes] of Object.entries(files)) named.push({ path, digest: await upload(hub, bytes) })
    await hub.ask('POST', '/v1/models/skerry-agent/versions', { body: { files: named } })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  async function addDevice(): Promise<string> {
    const { store, ids } = hub.hub
    const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
    const nowMs = Date.now()
    const place = { store, ids, organisationId, clock: { ms: nowMs }, devices: [] }
    const [device] = await addDevices(place, 1, { site: 'oslo', labels: {} })
    if (!device) throw new Error('no device')
    const target = { revision: 1, version: 1, digest: digestOf('agent'), retryToken: 0 }
    const cause = {
      code: 'agent_crashed',
      message: 'the device returned to the version before: the version ended by itself',
    }
    const item = {
      kind: 'agent',
      name: 'skerry-agent',
      deploymentId: ids.deployment(),
      target,
      sinceMs: nowMs,
    } as const
    const fields = { v: 1, atMs: nowMs, agentVersion: '0.1.0', bootId: 'boot-0001', observedGeneration: 0 } as const
    const report: DeviceReport = {
      ...fields,
      lastGoodGeneration: 0,
      items: [{ ...item, state: 'failed', cause }],
      conditions: [],
      endpoints: {},
      inventory: { ...INVENTORY, capabilities: ['onnx', 'agent'] },
    }
    await store.transaction((tx) =>
      storeReport(tx, { deviceId: device.id, report, receivedAtMs: nowMs, intervalMs: INTERVAL_MS }),
    )
    const { name } = await store.db
      .selectFrom('devices')
      .select('name')
      .where('id', '=', device.id)
      .executeTakeFirstOrThrow()
    return name
  }

  test('a package shows its parts, a device its agent, and a token the command for a new device', async () => {
    const { page } = await visits.visit(hub)
    await page.goto('/models/skerry-agent/versions/1')
    await page.getByRole('row', { name: /parts\/code\.tar Archive 8 B/ }).waitFor()
    await page.getByText('24.1.0, installed on the device').waitFor()
    await checkThemes(page, 'the page of a package')
    await page.goto('/deploy?model=skerry-agent')
    await page.getByLabel('Allow an older version').waitFor()
    await page.goto(`/devices/${await addDevice()}`)
    const card = page.locator('section', { has: page.getByRole('heading', { name: 'Agent', exact: true }) })
    await card.getByText('read the log of the agent, and mend the package').waitFor()
    await card.getByRole('link', { name: 'package 1' }).waitFor()
    await checkThemes(page, 'the agent of a device')
    await page.goto('/devices')
    await page.getByRole('button', { name: 'Join a device' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'New token' }).click()
    const dialog = page.getByRole('dialog')
    // The hub of the test listens for its own computer only.
    await dialog.getByRole('heading', { name: 'Other computers do not reach this hub' }).waitFor()
    await dialog
      .getByText(/^--listen 0\.0\.0\.0:\d+ --public-url https:\/\/\S+:\d+$/)
      .first()
      .waitFor()
    expect(await dialog.getByRole('heading', { name: 'No package for devices' }).count()).toBe(0)
    const line = await page.getByText(/curl -fsSk https:\/\/\S+\/install\.sh/).textContent()
    const script = await hub.ask('GET', '/install.sh', { key: null })
    expect(line).toContain(` = ${digestOf(script.text).slice('sha256:'.length)} ]`)
    await page.getByRole('tab', { name: 'Container' }).click()
    await page.getByText(/--no-service --dir \/var\/lib\/skerry-agent --token skj_/).waitFor()
    await page.getByRole('tab', { name: 'By hand' }).click()
    await page.getByText(/skerry agent --join skj_/).waitFor()
    await checkThemes(page, 'the command of a new device')
  })
})
