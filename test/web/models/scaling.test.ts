/** Scaling in a real browser: a person sees how many workers a device has, and asks why. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { Name } from '@skerry/contract/values/names'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeReport } from '../../../apps/hub/src/link/reports/report-store.ts'
import { addDevices, type FleetDevice, INTERVAL_MS } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { INVENTORY } from '../../../apps/hub/test/stage/test-device.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const MIB = 2 ** 20
const DAY_MS = 86_400_000

let browser: Browser
let hub: TestHub
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('scaling', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    await hub.ask('PUT', '/v1/sites/lyon', { body: { kind: 'edge', country: 'FR' } })
    const { store, ids, clock } = hub.hub
    const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
    const devices: FleetDevice[] = []
    devices.push(
      ...(await addDevices({ store, ids, organisationId, clock: { ms: clock.nowMs() }, devices }, 2, { site: 'lyon' })),
    )
    await push(hub, 'dose', modelBytes(unary('Neg')))
    const target = { metric: 'concurrency', value: 2 }
    const { status, text } = await hub.ask('PUT', '/v1/deployments/dose', {
      body: {
        deployable: 'dose',
        placement: { replicas: 1, scaling: { min: 1, max: 2, target } },
        serving: { scaling: { min: 0, max: 4, target } },
      },
    })
    if (status !== 200) throw new Error(text)
    await report(devices)
  })

  afterAll(() => hub?.[Symbol.asyncDispose]())

  /** The report of the first device after a morning of work. */
  async function report([device]: readonly FleetDevice[]): Promise<void> {
    if (!device) throw new Error('no device')
    const { store, clock } = hub.hub
    const nowMs = clock.nowMs()
    const { id } = await store.db.selectFrom('deployments').select('id').executeTakeFirstOrThrow()
    const { digest } = await store.db.selectFrom('versions').select('digest').executeTakeFirstOrThrow()
    const step = (minutes: number, [from, to]: [number, number], code: string, reason: string) => ({
      atMs: nowMs - minutes * 60_000,
      from,
      to,
      code,
      reason,
    })
    const scale = {
      count: 3,
      wanted: 3,
      reason: '5.2 requests at once, for each 2: 3 workers',
      load: { concurrency: 5.2, queue: 2.25, rps: 41.5, p95Ms: 120 },
      steps: [
        step(30, [0, 1], 'started', 'the version was loaded'),
        step(24, [1, 0], 'idle', 'no request for 1 minute'),
        step(15, [0, 1], 'request_waits', 'a request waits, and nothing was loaded'),
        step(14, [1, 3], 'panic', 'the load jumped: 5.6 requests at once, for each 2: 3 workers'),
      ],
    }
    const item = {
      kind: 'model' as const,
      name: Name.parse('dose'),
      deploymentId: id,
      target: { revision: 1, version: 1, digest, retryToken: 0 },
      state: 'active' as const,
      sinceMs: nowMs,
      serving: { version: 1, digest },
      stats: { requests: 1_200, failures: 0 },
      scale,
    }
    await store.transaction((tx) =>
      storeReport(tx, {
        deviceId: device.id,
        report: {
          v: 1,
          atMs: nowMs,
          agentVersion: '0.1.0',
          bootId: 'boot-0001',
          observedGeneration: 0,
          lastGoodGeneration: 0,
          items: [item],
          conditions: [],
          endpoints: {},
          inventory: INVENTORY,
          residency: {
            limitBytes: 512 * MIB,
            usedBytes: 210 * MIB,
            evictions: 7,
            waiting: 1,
            models: [
              { name: 'dose/1', bytes: 150 * MIB, pinned: false, idleSeconds: 3 },
              { name: 'reader/4', bytes: 60 * MIB, pinned: true, idleSeconds: 600 },
            ],
          },
        },
        receivedAtMs: nowMs,
        intervalMs: INTERVAL_MS,
      }),
    )
  }

  test('a person sees the number of workers over time, and why it is this one', async () => {
    const { page } = await visits.visit(hub, { path: '/deployments/dose' })
    await page.getByText('Workers on each device: 0 to 4 workers, 2 requests at once for each.').waitFor()
    await page.getByText('Replicas: 1 to 2 replicas, 2 requests at once for each.').waitFor()
    const device = page.getByRole('region', { name: 'device-0000' })
    await device.getByText('Why 3?').waitFor()
    await device.getByText('5.2 requests at once, for each 2: 3 workers').waitFor()
    await device.getByRole('img', { name: 'device-0000: 3 now, after 4 steps' }).waitFor()
    const steps = device.getByRole('table', { name: 'Steps of device-0000' })
    await steps.getByRole('row', { name: /1 → 3 the load jumped/ }).waitFor()
    await checkThemes(page, 'the scaling of a deployment')
    expect(await steps.getByRole('row').count()).toBe(5)
  })

  test('a person makes the hours of the last week the schedule', async () => {
    await plantWeek()
    const { page } = await visits.visit(hub, { path: '/deployments/dose' })
    const learnt = page.getByRole('region', { name: 'Learnt schedule' })
    await learnt.getByRole('row', { name: /Workers every day .* at least 3 workers/ }).waitFor()
    await checkThemes(page, 'a learnt schedule')
    await learnt.getByRole('button', { name: 'Use this schedule' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Use this schedule' }).click()
    await page.getByText('dose has the schedule').waitFor()
    const { body } = await hub.ask<Deployment>('GET', '/v1/deployments/dose')
    expect(body).toMatchObject({
      revision: 2,
      spec: { serving: { scaling: { min: 0, max: 4, schedule: [{ min: 3, durationSeconds: 4 * 3_600 }] } } },
    })
    expect(body.spec.placement?.scaling?.schedule).toEqual([])
  })

  /** Eight days with three workers for four hours, at least two hours from now. */
  async function plantWeek(): Promise<void> {
    const { store, clock } = hub.hub
    const nowMs = clock.nowMs()
    const hour = new Date(nowMs).getUTCHours() < 12 ? 16 : 4
    const { id, organisation_id } = await store.db
      .selectFrom('deployments')
      .select(['id', 'organisation_id'])
      .executeTakeFirstOrThrow()
    const { subject } = await store.db
      .selectFrom('scale_steps')
      .select('subject')
      .where('subject', '!=', '')
      .executeTakeFirstOrThrow()
    const midnightMs = new Date(nowMs).setUTCHours(0, 0, 0, 0)
    const rows = Array.from({ length: 9 }, (_, day) => midnightMs - day * DAY_MS).flatMap((startMs) =>
      [
        { at: hour, from: 0, to: 3 },
        { at: hour + 4, from: 3, to: 0 },
      ].map(({ at, from, to }) => ({
        deployment_id: id,
        subject,
        at_ms: startMs + at * 3_600_000,
        organisation_id,
        from_count: from,
        to_count: to,
        code: to > from ? 'load_rose' : 'load_fell',
        reason: 'a shift',
      })),
    )
    const past = rows.filter(({ at_ms }) => at_ms < nowMs - 3_600_000 && at_ms > nowMs - 9 * DAY_MS)
    await store.transaction((tx) => tx.insertInto('scale_steps').values(past).execute())
  }

  test('a person sees the models in the memory of a device', async () => {
    const { page } = await visits.visit(hub, { path: '/devices/device-0000' })
    await page.getByText('About 210 MiB of 512 MiB').waitFor()
    await page.getByText('7 times a model made room for another one').waitFor()
    const models = page.getByRole('table', { name: 'Models in memory' })
    await models.getByRole('row', { name: /dose\/1 150 MiB 3 seconds ago/ }).waitFor()
    await models.getByRole('row', { name: /reader\/4 60 MiB Stays loaded/ }).waitFor()
    await checkThemes(page, 'the models in memory of a device')
  })
})
