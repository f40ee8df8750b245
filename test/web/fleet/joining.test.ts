/**
 * Settings > Joining in a real browser: waiting devices are approved or rejected by their key, announced ones need not
 * wait.
 */
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { askToJoin, makeApplicant, makeToken } from '../../../apps/hub/test/stage/test-device.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

const KEY = 'ab'.repeat(32)

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('joining in the settings', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (options?: VisitOptions) =>
    (await visits.visit(hub, { path: '/settings?tab=joining', ...options })).page

  const wait = async (name: string, serial?: string) => {
    const { secret } = await makeToken(hub, { site: 'oslo', approval: 'manual' })
    const applicant = await makeApplicant()
    const ask = async () => (await askToJoin(hub, secret, applicant, name, serial)).body.status
    expect(await ask()).toBe('pending')
    return ask
  }

  test('waiting devices appear at once with their key; one is approved, another rejected with a reason', async () => {
    const page = await visit()
    await page.getByText('No device waits.').waitFor()
    const press = await wait('press', 'SN-1')
    await wait('stranger')
    const table = page.getByRole('table', { name: 'Waiting for approval' })
    await table.getByRole('row', { name: /press.*oslo.*serial number SN-1.*127\.0\.0\.1/s }).waitFor()
    await table.getByRole('button', { name: 'Approve press' }).click()
    const { rows } = (await hub.ask<{ rows: { name: string; keyFingerprint: string }[] }>('GET', '/v1/join-requests'))
      .body
    const key = rows.find(({ name }) => name === 'press')?.keyFingerprint ?? 'none'
    await page.getByRole('dialog').getByText(`The hub accepts only the device with this key: ${key}`).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await table.getByRole('row', { name: /press/ }).waitFor({ state: 'detached' })
    expect(await press()).toBe('active')
    await table.getByRole('button', { name: 'Deny stranger' }).click()
    await page.getByLabel('Reason').fill('nobody knows it')
    await page.getByRole('dialog').getByRole('button', { name: 'Deny' }).click()
    await page.getByText('No device waits.').waitFor()
    expect((await hub.ask('GET', '/v1/devices/stranger')).body).toMatchObject({ status: 'revoked' })
  })

  test('expected devices are entered one by one and as a list, join without waiting, and are removed from the list', async () => {
    const page = await visit()
    await page.getByRole('button', { name: 'Announce' }).click()
    const one = page.getByRole('dialog', { name: 'Announce a device' })
    await one.getByLabel('Labels').fill('nonsense')
    await one.getByRole('button', { name: 'Announce' }).click()
    await one.getByText('"nonsense" is not a label').waitFor()
    await one.getByLabel('Labels').fill('line=4')
    await one.getByLabel('Serial number').fill('SN-77')
    await one.getByLabel('Name').fill('robot')
    await one.getByRole('button', { name: 'Announce' }).click()
    const table = page.getByRole('table', { name: 'Announced devices' })
    await table.getByRole('row', { name: /SN-77.*oslo.*robot.*owner.*not yet/s }).waitFor()

    await page.getByRole('button', { name: 'Import a list' }).click()
    const list = page.getByRole('dialog', { name: 'Announce a list of devices' })
    await list.getByLabel('Or paste it here').fill('serial,colour\nSN-1,red')
    await list.getByText('there is no column "colour"').waitFor()
    const buffer = Buffer.from(`serial,key,name\nSN-88,,arm\n,${KEY},\n`)
    await list.getByLabel('File').setInputFiles({ name: 'machines.csv', mimeType: 'text/csv', buffer })
    await list.getByText('2 devices', { exact: true }).waitFor()
    await list.getByRole('button', { name: 'Import a list' }).click()
    await table.getByRole('row', { name: /SN-88.*arm/s }).waitFor()
    await table.getByRole('row', { name: /abababababababab…/ }).waitFor()

    const { secret } = await makeToken(hub, { site: 'oslo', approval: 'manual' })
    expect((await askToJoin(hub, secret, await makeApplicant(), 'x', 'SN-77')).body).toMatchObject({ status: 'active' })
    await table.getByRole('row', { name: /SN-77/ }).getByRole('link', { name: 'robot' }).waitFor()
    await table.getByRole('button', { name: 'Remove SN-88' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await table.getByRole('row', { name: /SN-88/ }).waitFor({ state: 'detached' })
  })

  test(
    'the joining rules are changed, and a token is limited to some networks',
    deep('the hub tests of joining show the rules; the quick journeys make tokens'),
    async () => {
      const page = await visit()
      await page.getByLabel('Approval of devices').selectOption('always')
      await page.getByLabel('Days after expiry').fill('30')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect((await hub.ask('GET', '/v1/joining-rules')).body).toEqual({ approval: 'always', lapsedDaysMax: 30 })
      await hub.ask('PUT', '/v1/joining-rules', { body: { approval: 'by-token' } })
      await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge' } })
      await page.goto('/settings?tab=tokens')
      await page.getByRole('button', { name: 'New token' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('From these networks only').fill('10.20.0.0/16 nonsense')
      await dialog.getByRole('button', { name: 'New token' }).click()
      await dialog.getByText('nonsense is not a network').waitFor()
      await dialog.getByLabel('From these networks only').fill('10.20.0.0/16, 2001:db8::/32')
      await dialog.getByRole('button', { name: 'New token' }).click()
      await page.getByRole('tab', { name: 'By hand' }).click()
      await page.getByText(/skerry agent --join skj_/).waitFor()
      const { rows } = (await hub.ask<{ rows: { networks: string[] }[] }>('GET', '/v1/join-tokens')).body
      expect(rows.map(({ networks }) => networks)).toContainEqual(['10.20.0.0/16', '2001:db8::/32'])
    },
  )

  test('a viewer sees all; each button names the missing permission', async () => {
    await wait('late')
    const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'vic', role: 'viewer' } })
    const page = await visit({ key: body.secret })
    const letIn = page.getByRole('button', { name: 'Approve late' })
    await letIn.waitFor()
    expect(await letIn.getAttribute('aria-disabled')).toBe('true')
    expect(await page.getByRole('button', { name: 'Announce' }).getAttribute('aria-disabled')).toBe('true')
    await page.getByText('You cannot do this, because the role viewer lacks organisation.read').waitFor()
  })

  test('no joining page breaks a rule of accessibility in either theme', async () => {
    const page = await visit()
    await page.getByRole('button', { name: 'Approve late' }).waitFor()
    await page.getByRole('row', { name: /SN-77/ }).waitFor()
    await lookAt(page, 'joining')
    await page.getByRole('button', { name: 'Import a list' }).click()
    await page.getByLabel('Or paste it here').fill('serial,site,name\nSN-9,oslo,arm\n')
    await page.getByText('1 device', { exact: true }).waitFor()
    await lookAt(page, 'joining-import')
    await page.setViewportSize({ width: 820, height: 1180 })
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})
