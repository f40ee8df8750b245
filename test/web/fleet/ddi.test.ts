/** Devices without an agent in a real browser: the list, the page of one with its progress, and the page of an image. */
import type { DdiToken } from '@skerry/contract/ddi/ddi-device'
import { until } from '@skerry/testkit/until'
import { sampleSwu } from '@skerry/testkit/updates/swu'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DdiClient, feedbackOf, openDdiClient } from '../../../apps/hub/test/stage/fleet/ddi-device.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { upload } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const OS = 'gateway-os'
const DEVICE = 'gate-1'

let hub: TestHub
let browser: Browser
let client: DdiClient
const added = new Map<string, DdiToken>()
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('devices without an agent', () => {
  beforeAll(async () => {
    const ddi = { host: '127.0.0.1', port: 0, pollSeconds: 60 }
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub({ ddi })])
    client = openDdiClient(hub, added)
    await hub.ask('PUT', '/v1/sites/hamburg', { body: { kind: 'edge', country: 'DE' } })
    const answer = await hub.ask<DdiToken>('POST', '/v1/ddi-devices', { body: { name: DEVICE, site: 'hamburg' } })
    added.set(DEVICE, answer.body)
    const files = [{ path: 'image.swu', digest: await upload(hub, sampleSwu('2.1')) }]
    await hub.ask('POST', `/v1/models/${OS}/versions`, { body: { files } })
    const data = { serial: 'SN-4711', board: 'gateway revision B' }
    await client.say('PUT', DEVICE, '/configData', { body: { mode: 'replace', data } })
    await hub.ask('PUT', '/v1/deployments/gates', { body: { deployable: OS } })
  })

  afterAll(async () => {
    client?.[Symbol.dispose]()
    await hub?.[Symbol.asyncDispose]()
  })

  test('the page of a device says that DDI drives it, and shows its progress and its end', async () => {
    await until(async () => {
      await client.say('GET', DEVICE)
      return (await client.say('GET', DEVICE, '/deploymentBase/1')).status === 200
    })
    const { page } = await visits.visit(hub)
    await page.goto('/devices')
    const row = page.getByRole('row', { name: new RegExp(DEVICE) })
    await row.getByText('polls').waitFor()
    await row.getByText('DDI', { exact: true }).waitFor()
    await page.goto(`/devices/${DEVICE}`)
    await page.getByText('without an agent: its updater polls the hub').waitFor()
    await page.getByText('SN-4711').waitFor()
    const progress = feedbackOf('proceeding', 'none', { progress: { cnt: 3, of: 4 } })
    await client.say('POST', DEVICE, '/deploymentBase/1/feedback', { body: progress })
    await page.getByText('75 %').waitFor()
    await page.getByRole('row', { name: /a line of the device/ }).waitFor()
    expect(await page.getByRole('heading', { name: 'Agent', exact: true }).count()).toBe(0)
    await checkThemes(page, 'the page of a device without an agent')
    await client.say('POST', DEVICE, '/deploymentBase/1/feedback', { body: feedbackOf('closed', 'failure') })
    await page.getByText('the device could not install the image').first().waitFor()
    await page.goto(`/models/${OS}/versions/1`)
    await page.getByRole('row', { name: /root\.bin 4 B/ }).waitFor()
    await checkThemes(page, 'the page of an image')
  })
})
