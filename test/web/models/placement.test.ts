/** Placement in a real browser: a person sees which devices the policy picks, and asks what would happen if a site failed. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDevices, type FleetDevice } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let browser: Browser
let hub: TestHub
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('placement', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    for (const [site, country] of [
      ['lyon', 'FR'],
      ['hamburg', 'DE'],
      ['boston', 'US'],
    ])
      await hub.ask('PUT', `/v1/sites/${site}`, { body: { kind: 'edge', country } })
    const { store, ids, clock } = hub.hub
    const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
    const devices: FleetDevice[] = []
    for (const site of ['lyon', 'hamburg', 'boston']) {
      const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices }
      devices.push(...(await addDevices(place, 1, { site })))
    }
    await push(hub, 'dose', modelBytes(unary('Neg')))
    const placement = { replicas: 1, residency: ['EU'], failoverSeconds: 3_600 }
    const { status, text } = await hub.ask('PUT', '/v1/deployments/dose', { body: { deployable: 'dose', placement } })
    if (status !== 200) throw new Error(text)
  })

  afterAll(() => hub?.[Symbol.asyncDispose]())

  test('a person sees the picks with their reasons, and tries a change of the world', async () => {
    const { page } = await visits.visit(hub, { path: '/deployments/dose' })
    await page.getByText('The policy asks for 1 replica, residency EU.').waitFor()
    await page.getByText('1 of 1 replica placed').waitFor()
    await page.getByRole('img', { name: 'lyon: 1; hamburg: 0; boston: 0' }).waitFor()
    const table = page.getByRole('table', { name: 'Placement' })
    await table.getByRole('row', { name: /^device-0000 lyon \(FR\) Picked/ }).waitFor()
    await table.getByRole('row', { name: /^device-0001 hamburg \(DE\) Standby/ }).waitFor()
    await table.getByRole('row', { name: /^device-0002 boston \(US\) Outside the residency .* is in US/ }).waitFor()
    await page.getByLabel('What if').fill('site lyon')
    await page.getByRole('button', { name: 'Try it' }).click()
    await page.getByText('must be one of: site NAME down').waitFor()
    await page.getByLabel('What if').fill('site lyon down')
    await page.getByRole('button', { name: 'Try it' }).click()
    await page.getByText('Gains a replica: device-0001').waitFor()
    await page.getByText('Loses its replica: device-0000').waitFor()
    await page.getByRole('img', { name: 'lyon: 1 → 0; hamburg: 0 → 1; boston: 0' }).waitFor()
    await checkThemes(page, 'the placement of a deployment')
    expect((await hub.ask('GET', '/v1/deployments/dose/placement')).body).toMatchObject({ counts: { picked: 1 } })
  })
})
