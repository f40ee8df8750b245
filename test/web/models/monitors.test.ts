/** Monitors: in a real browser, a person sets a monitor, sees the features that moved, and removes it. */
import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { countsOf } from '@skerry/core/monitors/bins'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { windowValue } from '../../../apps/agent/src/monitors/window-value.ts'
import { takeTelemetry } from '../../../apps/hub/src/telemetry/take-telemetry.ts'
import { addDevices, type FleetDevice } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { runModel } from '../../../apps/hub/test/stage/fleet/runs-model.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { modelBytes, push } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const ROWS = 100
const WINDOW_MS = 300_000

let browser: Browser
let hub: TestHub
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('monitors', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    const { body } = await push(hub, 'vibration', MODEL, {
      golden: { cases: [{ inputs: { x: tensorOf(rowsOf(0)) } }] },
    })
    expect(body.code).toBeUndefined()
  })

  afterAll(() => hub?.[Symbol.asyncDispose]())

  test('a person sets a monitor, sees which feature moved, changes it and removes it', async () => {
    const { page } = await visits.visit(hub, { path: '/monitors' })
    await page.getByText('No monitors yet').waitFor()
    await page.getByRole('button', { name: 'New monitor' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Model').selectOption('vibration')
    await dialog.getByLabel('Window in minutes').fill('0')
    await dialog.getByText('From 1 to 1440 minutes').waitFor()
    await dialog.getByLabel('Window in minutes').fill('5')
    await dialog.getByLabel('When a version alerts').selectOption('dry-run')
    await dialog.getByRole('button', { name: 'Monitor' }).click()
    await page.getByRole('link', { name: 'vibration' }).click()
    await page.getByText('No device serves the model yet.').waitFor()
    await page.getByText('an alert, and a dry run of a rollback').waitFor()

    const profile = await makeProfile()
    await sendWindow(profile, { minutesAgo: 11, shift: 0 })
    await sendWindow(profile, { minutesAgo: 1, shift: 3 })
    await page.reload()
    await page.getByRole('row', { name: /^x\[1\] Has moved/ }).waitFor()
    await page.getByRole('row', { name: /^x\[0\] As the reference/ }).waitFor()
    await page.getByLabel('Time of the courses').selectOption('year')
    await page.getByRole('img', { name: /^The stability index of x\[1\] in the last year: [12] point/ }).waitFor()
    await page.getByLabel('Time of the courses').selectOption('day')
    await page.getByRole('img', { name: /^The distribution of x\[1\] now, beside the reference/ }).waitFor()
    await page.getByRole('img', { name: /^The stability index of x\[1\] in the last 24 hours: 2 points/ }).waitFor()
    await page
      .getByRole('table', { name: 'Features by cohort' })
      .getByRole('row', { name: /^site=plant/ })
      .waitFor()
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('new sensors')
    await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).click()
    await page.getByText('Muted by owner: new sensors.').waitFor()
    await checkThemes(page, 'a monitor that alerts')

    await page.goto('/monitors')
    await page.getByRole('row', { name: /^vibration Has moved Muted x\[1\].*everywhere/ }).waitFor()
    await checkThemes(page, 'monitors')

    await page.getByRole('link', { name: 'vibration' }).click()
    await page.getByRole('button', { name: 'End the mute' }).click()
    await page.getByRole('button', { name: 'Mute', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByLabel('When a version alerts').selectOption('none')
    await page.getByRole('dialog').getByRole('button', { name: 'Monitor' }).click()
    await page.getByText('an alert', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No monitors yet').waitFor()
  })
})

const MODEL = modelBytes({
  opsets: { 'ai.onnx': 13 },
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  nodes: [{ operator: 'Abs', inputs: ['x'], outputs: ['y'] }],
})

/** The second column is shifted. */
const rowsOf = (shift: number) =>
  Array.from({ length: ROWS }, (_, at) => [(at * 0.618_033_988_7) % 1, ((at * 0.754_877_666_2) % 1) + shift])

const tensorOf = (rows: readonly number[][]) => ({
  datatype: 'FP32',
  shape: [rows.length, 2],
  data: Buffer.from(Float32Array.from(rows.flat()).buffer).toString('base64'),
})

type Made = { profile: ReferenceProfile; digest: MonitorWindow['profile'] }

async function makeProfile(): Promise<Made> {
  const path = '/v1/models/vibration/versions/1/profile'
  const { body } = await hub.ask<{ digest: MonitorWindow['profile'] }>('PUT', path, { body: {} })
  return { digest: body.digest, profile: ReferenceProfile.parse((await hub.ask('GET', path)).body) }
}

const devices: FleetDevice[] = []
let sent = 0

/**
 * As the link of a device does: six times the rows, so that there is a verdict. Windows that begin ten minutes apart
 * are two points of the course of a day, whose points last ten minutes at most.
 */
async function sendWindow({ profile, digest }: Made, { minutesAgo, shift }: { minutesAgo: number; shift: number }) {
  const { store, ids, clock } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices }
  if (devices.length === 0) {
    devices.push(...(await addDevices(place, 1, {})))
    await runModel(hub.hub, devices, { organisationId, name: 'vibration', version: 1 })
  }
  const [device] = devices
  if (!device) throw new Error('no device was added')
  const startMs = Math.floor((clock.nowMs() - minutesAgo * 60_000) / WINDOW_MS) * WINDOW_MS
  const rows = Array.from({ length: 6 }, () => rowsOf(shift)).flat()
  const window: MonitorWindow = {
    v: 1,
    model: 'vibration',
    version: 1,
    profile: digest,
    startMs,
    endMs: startMs + WINDOW_MS,
    rows: rows.length,
    counted: rows.length,
    features: profile.features.map(({ edges, column = 0 }) =>
      countsOf(
        edges,
        rows.map((row) => row[column] ?? Number.NaN),
      ),
    ),
  }
  sent += 1
  const batch = { stream: '0123456789abcdef', lane: 'bulk' as const, first: sent, values: [windowValue(window)] }
  await takeTelemetry(hub.hub, { deviceId: device.id, organisationId }, batch)
}
