/** A Kubernetes cluster as a device in a real browser: its page shows the objects, and the way they are checked. */
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { digestOf } from '@skerry/platform/files/hash'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeReport } from '../../../apps/hub/src/link/reports/report-store.ts'
import { addDevices, INTERVAL_MS } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { INVENTORY } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

/** Their number gives the next one its name. */
const devices: Parameters<typeof addDevices>[0]['devices'] = []

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('a cluster', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  /** A device that has reported. */
  async function addCluster(capabilities: DeviceReport['inventory']['capabilities']): Promise<string> {
    const { store, ids } = hub.hub
    const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
    const nowMs = Date.now()
    const place = { store, ids, organisationId, clock: { ms: nowMs }, devices }
    const [device] = await addDevices(place, 1, { site: 'oslo', labels: {} })
    if (!device) throw new Error('no device')
    devices.push(device)
    const digest = digestOf('anomaly')
    const name = 'skerry-anomaly-v3-3b1f9a20'
    const item: DeviceReport['items'][number] = {
      kind: 'model',
      name: 'anomaly',
      deploymentId: ids.deployment(),
      target: { revision: 1, version: 4, digest, retryToken: 0 },
      state: 'golden',
      cause: { code: 'cluster_starting', message: '1 of 2 pods are ready: model waits: ImagePullBackOff' },
      sinceMs: nowMs,
      serving: { version: 3, digest },
      stats: { requests: 0, failures: 0 },
      figures: {
        pods: 3,
        ready: 2,
        replicas: '2 to 6',
        restarts: 1,
        corrections: 2,
        drift: `Deployment/${name}: spec.template.spec.containers.model.image`,
        namespace: 'plant',
        objects: `Service, Secret, Deployment, HorizontalPodAutoscaler, PodDisruptionBudget: ${name}`,
      },
    }
    const fields = { v: 1, atMs: nowMs, agentVersion: '0.1.0', bootId: 'boot-0001', observedGeneration: 0 } as const
    const inventory = { ...INVENTORY, capabilities }
    const report: DeviceReport = {
      ...fields,
      lastGoodGeneration: 0,
      items: [item],
      conditions: [],
      endpoints: {},
      inventory,
    }
    await store.transaction((tx) =>
      storeReport(tx, { deviceId: device.id, report, receivedAtMs: nowMs, intervalMs: INTERVAL_MS }),
    )
    const row = store.db.selectFrom('devices').select('name').where('id', '=', device.id)
    return (await row.executeTakeFirstOrThrow()).name
  }

  test('the page of a cluster shows its objects and how they are checked; that of another device does not', async () => {
    const { page } = await visits.visit(hub)
    await page.goto(`/devices/${await addCluster(['onnx', 'kubernetes'])}`)
    const card = page
      .locator('section', { has: page.getByRole('heading', { name: 'Kubernetes', exact: true }) })
      .first()
    await card.getByText('a stub of its API, not on a cluster').waitFor()
    await card.getByText('2 to 6').waitFor()
    await card.getByText('HorizontalPodAutoscaler').waitFor()
    await page.getByText('1 of 2 pods are ready').first().waitFor()
    await checkThemes(page, 'a cluster')
    await page.goto(`/devices/${await addCluster(['onnx'])}`)
    await page.getByText('1 of 2 pods are ready').first().waitFor()
    expect(await page.getByRole('heading', { name: 'Kubernetes', exact: true }).count()).toBe(0)
  })
})
