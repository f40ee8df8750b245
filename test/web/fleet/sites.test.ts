/** Sites in a real browser: the first steps, and how a site is made, changed and removed. */
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { askToJoin, joinDevice, makeApplicant } from '../../../apps/hub/test/stage/test-device.ts'
import { axeViolations, hasBrowser, picture, sharedBrowser } from '../stage/browser.ts'
import { openVisits } from '../stage/visits.ts'

/** The secret in the text of a join token. */
const secretIn = (token: string) =>
  String(JSON.parse(Buffer.from(token.trim().slice('skj_'.length), 'base64url').toString('utf8')).secret)

let browser: Browser
const { openHub, visit, forgive } = openVisits(() => browser)

describe.skipIf(!hasBrowser)('sites', () => {
  beforeAll(async () => {
    browser = await sharedBrowser()
  })

  test('an empty hub shows the first steps, and ticks them off by itself', async () => {
    const hub = await openHub()
    const { page } = await visit(hub)
    await page.getByText('0 of 4 done').waitFor()
    await page.getByText('There is no device yet').waitFor()
    await picture(page, 'overview-empty', 'light')
    await page.getByRole('button', { name: 'New site' }).click()
    await page.getByLabel('Name').fill('oslo')
    await page.getByLabel('Country').fill('no')
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByText('This creates the site oslo.').waitFor()
    await page.getByRole('button', { name: 'Create the site' }).click()
    await page.getByRole('heading', { level: 1, name: 'oslo' }).waitFor()
    await page.goto('/')
    await page.getByText('1 of 4 done').waitFor()
    await page.getByRole('button', { name: 'New join token' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'New token' }).click()
    await page.getByRole('tab', { name: 'By hand' }).click()
    const line = page.getByText(/skerry agent --join skj_/)
    await line.waitFor()
    await page.getByText('Waiting for the device').waitFor()
    const token = String(await line.textContent()).replace('skerry agent --join ', '')
    await askToJoin(hub, secretIn(token), await makeApplicant(), 'oslo-1')
    await page.getByText('The device has joined').waitFor()
    await page.getByRole('link', { name: 'Devices of oslo' }).waitFor()
    await page.getByRole('button', { name: 'Close' }).first().click()
    await page.getByText('2 of 4 done').waitFor()
    await page.getByText('1 device has not reported yet').waitFor()
    expect(await axeViolations(page)).toEqual([])
  })

  test('a site is created with all its fields; errors are shown at their fields, and a review comes first', async () => {
    const hub = await openHub()
    const { page } = await visit(hub)
    await page.goto('/sites')
    await page.getByText('No sites yet').waitFor()
    await page.getByRole('button', { name: 'New site' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Hamburg Hafen')
    await dialog.getByLabel('Country').fill('d')
    await dialog.getByLabel('Latitude').fill('53.55')
    await dialog.getByRole('button', { name: 'Review' }).click()
    await dialog.getByText('must be 1 to 63').waitFor()
    await dialog.getByText('must be two capital letters').waitFor()
    await dialog.getByText('give both latitude and longitude').waitFor()
    expect(await dialog.getByLabel('Name').getAttribute('aria-invalid')).toBe('true')
    expect(await axeViolations(page)).toEqual([])
    await dialog.getByLabel('Name').fill('hamburg')
    await dialog.getByLabel('Country').fill('de')
    await dialog.getByLabel('Kind').selectOption('onprem')
    await dialog.getByLabel('Region').fill('north')
    await dialog.getByLabel('Clearance').selectOption('restricted')
    await dialog.getByLabel('Labels').fill('line=2')
    const map = await dialog.locator('svg.cursor-crosshair').boundingBox()
    if (!map) throw new Error('no map')
    await page.mouse.click(map.x + map.width / 2, map.y + map.height / 2)
    expect(Number(await dialog.getByLabel('Longitude').inputValue())).toBeGreaterThan(0)
    await dialog.getByLabel('Longitude').fill('9.99')
    await dialog.getByLabel('Latitude').fill('53.55')
    await dialog.getByRole('button', { name: 'Review' }).click()
    await dialog.getByRole('row', { name: 'Clearance Restricted' }).waitFor()
    await dialog.getByRole('button', { name: 'Create the site' }).click()
    await page.getByText('The site hamburg is created').waitFor()
    expect(page.url()).toMatch(/\/sites\/hamburg$/)
    const { body } = await hub.ask('GET', '/v1/sites/hamburg')
    expect(body).toMatchObject({
      kind: 'onprem',
      country: 'DE',
      region: 'north',
      clearance: 'restricted',
      labels: { line: '2' },
      revision: 1,
      coordinates: { latitude: 53.55, longitude: 9.99 },
    })
    await page.goto('/sites?new=true')
    await dialog.getByLabel('Name').fill('hamburg')
    await dialog.getByRole('button', { name: 'Review' }).click()
    await dialog.getByText('a site of this name exists').waitFor()
    forgive(/status of 412/)
  })

  test(
    "an edit after another person's edit shows the other change, and is applied on top of it",
    deep('the quick test of deployments shows how two people change one thing'),
    async () => {
      const hub = await openHub()
      await hub.ask('PUT', '/v1/sites/kiel', { body: { kind: 'edge', country: 'DE', region: 'north' } })
      const { page } = await visit(hub)
      await page.goto('/sites/kiel')
      await page.getByRole('button', { name: 'Edit' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Region').fill('baltic')
      await dialog.getByLabel('Clearance').selectOption('confidential')
      const body = { kind: 'cloud', country: 'DE', region: 'coast', ifRevision: 1 }
      await hub.ask('PUT', '/v1/sites/kiel', { body })
      await dialog.getByRole('button', { name: 'Review' }).click()
      await dialog.getByRole('heading', { name: 'Somebody changed the site meanwhile' }).waitFor()
      await dialog.getByRole('row', { name: 'Kind Edge Cloud unchanged' }).waitFor()
      await dialog.getByRole('row', { name: 'Region north coast baltic' }).waitFor()
      await picture(page, 'site-conflict', 'light')
      await dialog.getByRole('button', { name: 'Keep my changes' }).click()
      expect(await dialog.getByLabel('Kind').inputValue()).toBe('cloud')
      await dialog.getByRole('button', { name: 'Review' }).click()
      await dialog.getByRole('row', { name: 'Region coast baltic' }).waitFor()
      await dialog.getByRole('button', { name: 'Save' }).click()
      await page.getByText('The site kiel is changed').waitFor()
      expect((await hub.ask('GET', '/v1/sites/kiel')).body).toMatchObject({
        kind: 'cloud',
        region: 'baltic',
        clearance: 'confidential',
        revision: 3,
      })
      forgive(/status of 412/)
    },
  )

  test('a site with devices cannot be removed, and links to them; an empty one is removed after typing its name', async () => {
    const hub = await openHub()
    const device = await joinDevice(hub, { site: 'bonn', name: 'bonn-press' })
    const { page } = await visit(hub)
    await page.goto('/sites/bonn')
    await page.getByRole('link', { name: 'bonn-press' }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page
      .getByRole('dialog', { name: 'bonn cannot be removed' })
      .getByRole('link', { name: 'Show the devices' })
      .click()
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor()
    await page.getByRole('link', { name: 'bonn-press' }).waitFor()
    await hub.ask('DELETE', `/v1/devices/${device.id}`)
    await page.goto('/sites/bonn')
    await page.getByText('No device here yet').waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByLabel('Type bonn to confirm').fill('bonn')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('The site bonn is removed').waitFor()
    expect(new URL(page.url()).pathname).toBe('/sites')
    expect((await hub.ask('GET', '/v1/sites/bonn')).status).toBe(404)
    // The page may have sent one more request after it was left.
    forgive(/status of 404/)
  })

  test('a viewer sees the missing permission', async () => {
    const hub = await openHub()
    await hub.ask('PUT', '/v1/sites/kiel', { body: { kind: 'edge' } })
    const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
    const { page } = await visit(hub, { key: body.secret })
    await page.goto('/sites/kiel')
    const edit = page.getByRole('button', { name: 'Edit' })
    await edit.focus()
    await page.getByRole('tooltip', { name: 'You cannot do this, because the role viewer lacks site.write' }).waitFor()
    expect(await page.getByRole('button', { name: 'Join a device here' }).getAttribute('aria-disabled')).toBe('true')
  })
})
