/** Traffic: in a real browser, a person sees the requests, errors and latency of a model over time, and of a device. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { DEVICE_STEP_MS, FLEET_STEP_MS, HOUR_MS } from '@skerry/core/traffic/parts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addParts, type OwnedPart } from '../../../apps/hub/src/traffic/part-store.ts'
import { addDevices, type FleetDevice } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { runModel } from '../../../apps/hub/test/stage/fleet/runs-model.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let browser: Browser
let hub: TestHub
const devices: FleetDevice[] = []
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('traffic', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    for (const operator of ['Relu', 'Tanh'])
      expect((await push(hub, 'pump', modelBytes(unary(operator)))).status).toBe(200)
    const { store, ids, clock } = hub.hub
    const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
    const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices }
    devices.push(...(await addDevices(place, 2, {})))
    await runModel(hub.hub, devices, { organisationId, name: 'pump', version: 2 })
    await store.transaction((tx) => addParts(tx, partsOfDay(organisationId, clock.nowMs())))
    const spec = { deployable: 'pump', version: '2' }
    const applied = await hub.ask('PUT', '/v1/deployments/pumps', { body: spec })
    expect(applied.status, applied.text).toBe(200)
    await store.transaction((tx) =>
      tx
        .updateTable('rollouts')
        .set({ created_at_ms: clock.nowMs() - 6 * HOUR_MS })
        .execute(),
    )
  })

  afterAll(() => hub?.[Symbol.asyncDispose]())

  test('the page of a model draws all devices, and that of a device its own requests', async () => {
    const { page } = await visits.visit(hub, { path: '/models/pump' })
    const chart = page.getByRole('img', { name: /^Requests, errors and latency at \d+ times: .* 1 rollout/ })
    await chart.waitFor()
    const sums = page.getByRole('table', { name: 'Requests by version' })
    await sums.getByRole('row', { name: /^2 / }).waitFor()
    await sums.getByRole('row', { name: /^1 / }).waitFor()
    await page.getByText('has the highest p95 of its own').waitFor()
    await page.getByText('As a table').click()
    await page.getByRole('columnheader', { name: 'A second' }).waitFor()
    await checkThemes(page, 'a model with traffic')
    await page.getByLabel('Time', { exact: true }).selectOption('week')
    await page.getByRole('img', { name: /^Requests, errors and latency at 2\d times/ }).waitFor()

    await page.goto(`/devices/${devices[0]?.name}`)
    await page.getByRole('img', { name: /^Requests, errors and latency at \d+ times: .* 1 rollout/ }).waitFor()
    await page.getByText('This device alone.').waitFor()
    expect(await page.getByText('has the highest p95 of its own').count()).toBe(0)
    await checkThemes(page, 'a device with traffic')

    await page.goto(`/devices/${devices[1]?.name}`)
    await page.getByText('No device has reported requests in this time.').waitFor()
  })
})

/** Version 2 takes over six hours ago, and is slower. Two hours have no report. */
function partsOfDay(organisationId: OrganisationId, nowMs: number): OwnedPart[] {
  const [device] = devices
  if (!device) throw new Error('no device')
  return [FLEET_STEP_MS, DEVICE_STEP_MS].flatMap((stepMs) => {
    const deviceId = stepMs === FLEET_STEP_MS ? ('' as const) : device.id
    const lastMs = nowMs - (nowMs % stepMs)
    return Array.from({ length: (24 * HOUR_MS) / stepMs }, (_, back): OwnedPart => {
      const startMs = lastMs - (back + 1) * stepMs
      const isNew = startMs >= nowMs - 6 * HOUR_MS
      const rate = 3 + 2 * Math.sin((startMs / HOUR_MS / 24) * 2 * Math.PI) + ((back * 0.618) % 1)
      const requests = Math.round((rate * stepMs) / 1_000)
      const failures = isNew ? Math.round(requests * 0.02 * ((back * 0.755) % 1)) : 0
      const answered = requests - failures
      const slow = Math.round(answered * 0.08)
      const bucket = isNew ? 46 : 40
      const latency = new Array<number>(bucket + 8).fill(0)
      latency[bucket] = answered - slow
      latency[bucket + 6] = slow
      const version = isNew ? 2 : 1
      const counts = { requests, failures, dropped: 0, latency }
      const slowest = deviceId === '' && { slowest: { device: device.name, p95Us: isNew ? 24_000 : 6_000 } }
      return { deviceId, organisationId, model: 'pump', version, startMs, stepMs, counts, ...slowest }
    }).filter(({ startMs }) => startMs < nowMs - 12 * HOUR_MS || startMs > nowMs - 10 * HOUR_MS)
  })
}
