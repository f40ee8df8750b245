/** Vulnerabilities in a real browser: a person finds an open one by its alert, reads why, and accepts and withdraws it. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addRunningDevices } from '../../../apps/hub/test/stage/fleet/running-devices.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

const ADVISORY = {
  id: 'CVE-2026-1',
  modified: '2026-01-01T00:00:00Z',
  aliases: ['GHSA-aaaa-bbbb-cccc'],
  summary: 'left-pad pads too far',
  details: 'An attacker can write behind the end of a line.',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'left-pad' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.3.1' }] }],
    },
  ],
}

describe.skipIf(!hasBrowser)('vulnerabilities', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    await push(hub, 'pump', modelBytes(unary('Relu')))
    await addRunningDevices(hub, { name: 'pump', version: 1, count: 2, nowMs: Date.now() })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('an imported advisory is open on two devices until a person accepts it, and again after the withdrawal', async () => {
    const { page } = await visits.visit(hub, { path: '/vulnerabilities' })
    await page.getByText('No known vulnerabilities').waitFor()
    await page.getByText('skerry vulnerability import FOLDER').waitFor()
    await checkThemes(page, 'no vulnerabilities')
    await setParts()
    await importByFile(page)
    await page.getByRole('row', { name: /^CVE-2026-1 .* Open Critical 9\.8 left-pad 1\.3\.0 1 2$/ }).waitFor()
    // A page that is open fetches the alerts again every five minutes.
    await page.goto('/')
    await page.getByRole('button', { name: /^Alerts:/ }).click()
    await page.getByRole('menuitem', { name: /2 devices run a part with CVE-2026-1/ }).click()
    await page.getByRole('heading', { level: 1, name: 'CVE-2026-1' }).waitFor()
    await page.getByRole('row', { name: /^pump:1 left-pad 1\.3\.0 Open .* is in the range .* 1\.3\.1$/ }).waitFor()
    await page.getByRole('heading', { name: '2 devices' }).waitFor()
    expect(await page.getByRole('table', { name: '2 devices' }).getByRole('row').count()).toBe(3)
    await page.getByText('An attacker can write behind the end of a line.').waitFor()
    await accept(page)
    await page.getByText(/^by owner, until/).waitFor()
    expect(await stateOf()).toMatchObject({ state: 'accepted', accepted: { reason: 'the port is closed' } })
    await checkThemes(page, 'an accepted vulnerability')

    await page.getByRole('link', { name: 'Vulnerabilities' }).last().click()
    await page.getByLabel('Filter the vulnerabilities').fill('vulnerability.state == "accepted"')
    await page.getByRole('row', { name: /^CVE-2026-1 .* Accepted until in 1[34]d / }).waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await checkThemes(page, 'vulnerabilities on a phone')
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await page.getByRole('link', { name: 'CVE-2026-1' }).click()
    await page.getByRole('button', { name: 'Withdraw the acceptance' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw the acceptance' }).click()
    await page.getByText('The version of a part is affected.').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await stateOf()).toMatchObject({ state: 'open' })
    expect(await acts()).toEqual(['setParts', 'import', 'accept', 'withdraw'].map((act) => `vulnerability.${act}`))
  })

  test('a viewer reads a vulnerability, and the button names the missing permission', async () => {
    await setParts()
    expect((await hub.ask('POST', '/v1/vulnerabilities', { body: { advisories: [ADVISORY] } })).status).toBe(200)
    const wish = { body: { name: 'looker', role: 'viewer' } }
    const { secret } = (await hub.ask<{ secret: string }>('POST', '/v1/keys', wish)).body
    const { page } = await visits.visit(hub, { key: secret, path: '/vulnerabilities/CVE-2026-1' })
    await page.getByText('left-pad pads too far').waitFor()
    await page.getByRole('button', { name: 'Accept the risk' }).hover()
    await page.getByText('the role viewer lacks vulnerability.write').first().waitFor()
  })

  test('a person sets the rules that keep a version from a rollout, and another change meanwhile is rejected', async () => {
    const { page } = await visits.visit(hub, { path: '/vulnerabilities' })
    await page.getByRole('button', { name: 'Rules' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('No rules: no vulnerability keeps a version from a rollout.').waitFor()
    await dialog.getByRole('button', { name: 'Add a rule' }).click()
    await dialog.getByLabel('Versions of').fill('no pattern')
    await dialog.getByText('A name, or a pattern such as press-* or *').first().waitFor()
    await dialog.getByLabel('Versions of').fill('press-*')
    await dialog.getByLabel('Severity from').selectOption('high')
    await dialog.getByLabel('Counts').selectOption('possible')
    await checkThemes(page, 'the rules of vulnerabilities')
    await dialog.getByRole('button', { name: 'Save the rules' }).click()
    await page.getByText('1 rule from now on').waitFor()
    const rules = async () => (await hub.ask<{ rules: object[] }>('GET', '/v1/vulnerability-rules')).body.rules
    expect(await rules()).toEqual([{ models: 'press-*', severity: 'high', possible: true }])
    await page.getByRole('button', { name: 'Rules' }).click()
    await dialog.getByRole('button', { name: 'Remove' }).waitFor()
    expect((await hub.ask('PUT', '/v1/vulnerability-rules', { body: { rules: [] } })).status).toBe(200)
    await dialog.getByRole('button', { name: 'Save the rules' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(await rules()).toEqual([])
    visits.forgive(/412/)
  })

  async function setParts(): Promise<void> {
    const bom = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ purl: 'pkg:npm/left-pad@1.3.0' }] }
    expect((await hub.ask('PUT', '/v1/models/pump/versions/1/parts', { body: { bom } })).status).toBe(200)
  }

  const stateOf = async () => (await hub.ask('GET', '/v1/vulnerabilities/CVE-2026-1')).body

  const acts = async () => {
    const { body } = await hub.ask<{ rows: { action: string }[] }>('GET', '/v1/audit?action=vulnerability.*')
    return body.rows.map(({ action }) => action)
  }
})

/** A file of another format is named; a list of advisories is imported. */
async function importByFile(page: Page): Promise<void> {
  const fileOf = (name: string, content: unknown) => {
    return { name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(content)) }
  }
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Files').setInputFiles(fileOf('notes.json', { name: 'no advisory' }))
  await dialog.getByRole('button', { name: 'Import' }).click()
  await dialog.getByText('notes.json is neither OSV nor OpenVEX: id').waitFor()
  await dialog.getByLabel('Files').setInputFiles(fileOf('npm.json', [ADVISORY]))
  await checkThemes(page, 'the dialog that imports')
  await dialog.getByRole('button', { name: 'Import' }).click()
  await page.getByText('Imported 1 advisory and 0 statements; 0 were there already').waitFor()
}

/** The dialog wants a reason and a number of days before it accepts. */
async function accept(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Accept the risk' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Days').fill('400')
  await dialog.getByText('A whole number from 1 to 366').first().waitFor()
  await dialog.getByLabel('Days').fill('14')
  await dialog.getByLabel('Reason').fill('the port is closed')
  await checkThemes(page, 'the dialog that accepts')
  await dialog.getByRole('button', { name: 'Accept the risk' }).click()
  await page.getByText('The risk of CVE-2026-1 is accepted').waitFor()
}
