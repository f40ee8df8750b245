/** Hostile text in a real browser: whatever people and devices may write is written as markup and script, and every page shows it as text. */
import { Digest } from '@skerry/contract/values/digest'
import { DeploymentId } from '@skerry/contract/values/ids'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { detectIntrusions } from '../../../apps/hub/src/intrusion/detection.ts'
import { asBrowser, cookieOf, PASSWORD } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { INVENTORY, joinDevice, openLink, reportOf, type TestDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { MODEL } from '../../../examples/tour/shipment.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { pagesWith } from '../stage/places.ts'
import { openVisits } from '../stage/visits.ts'

/** Each would leave a mark on the page, ask another origin, or make the page complain, if it were more than text. */
const PAYLOADS = [
  `<img src=x onerror="window.owned='img'">`,
  `"><script>window.owned='s'</script>`,
  `<svg onload="window.owned='svg'">`,
  `<a href="javascript:window.owned='a'">x</a>`,
]
/** Short enough for a label. */
const LABEL = '<img src=x onerror=owned=1>'
const ALL = PAYLOADS.join(' ')

/** Pages that show some of it; on the others there is nothing to wait for. */
const SHOWING: readonly string[] = [
  'overview',
  'site',
  'devices',
  'device',
  'version',
  'rollout',
  'approvals-empty',
  'audit',
  'roles-empty',
  'people-empty',
]

let hub: TestHub
let browser: Browser
let rollout: string
let request: string
let finding: string
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('hostile text', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    rollout = await writeEverywhere()
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('is text on every page', async () => {
    const { page } = await visits.visit(hub)
    for (const [name, path] of pagesWith(`/rollouts/${rollout}`)) {
      const place = path.replace('hamburg-press', 'press').replace(MODEL, 'pump')
      await page.goto(place)
      await page.locator('h1').waitFor()
      await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
      if (SHOWING.includes(name)) await page.getByText('onerror=').first().waitFor()
      expect(await page.evaluate('window.owned'), name).toBeUndefined()
      expect(await page.locator('img[src="x"], a[href^="javascript:"]').count(), name).toBe(0)
    }
    await page.goto(`/approvals?request=${request}`)
    await page.getByRole('dialog').getByText('onerror=').nth(3).waitFor()
    expect(await page.evaluate('window.owned'), 'approval').toBeUndefined()
    await page.goto(`/security?finding=${finding}`)
    await page.getByRole('dialog').getByText('onerror=').first().waitFor()
    expect(await page.evaluate('window.owned'), 'finding').toBeUndefined()
    await page.goto('/settings?tab=roles')
    await page.getByRole('table', { name: 'Roles of your own' }).getByText('onerror=').first().waitFor()
    expect(await page.evaluate('window.owned'), 'role').toBeUndefined()
    await page.goto('/settings?tab=people')
    await page.getByRole('button', { name: `Open ${PAYLOADS[0]}` }).click()
    await page.getByRole('dialog').getByText('eve@example.com').waitFor()
    expect(await page.evaluate('window.owned'), 'person').toBeUndefined()
  })

  test('is text in the search of the page, and in its address', async () => {
    const { page } = await visits.visit(hub)
    for (const path of ['/devices', '/sites', '/approvals', '/security', '/audit', '/models', '/rollouts']) {
      await page.goto(
        `${path}?q=${encodeURIComponent(ALL)}&actor=${encodeURIComponent(ALL)}&request=${encodeURIComponent(ALL)}`,
      )
      await page.locator('h1').waitFor()
      expect(await page.evaluate('window.owned'), path).toBeUndefined()
    }
    // What is no filter the hub refuses.
    visits.forgive(/status of 400/)
  })
})

/** Gives the rollout. */
async function writeEverywhere(): Promise<string> {
  const site = { kind: 'edge', region: LABEL, labels: { line: LABEL } }
  await hub.ask('PUT', '/v1/sites/hamburg', { body: site })
  const device = await joinDevice(hub, { site: 'hamburg', name: 'press' })
  await hub.ask('PUT', `/v1/devices/${device.id}/labels`, { body: { labels: { line: LABEL } } })
  const uri = 'javascript:window.owned=1'
  const lineage = { source: { uri, commit: ALL.slice(0, 200) }, dataset: { uri: 'data:text/html,<script>1</script>' } }
  const words = { tool: PAYLOADS[0], createdBy: PAYLOADS[1], notes: ALL }
  await push(hub, 'pump', modelBytes(unary('Relu')), { lineage: { ...lineage, ...words } })
  const body = { model: 'pump' }
  const { rolloutId } = (await hub.ask<{ deployment: { rolloutId: string } }>('PUT', '/v1/deployments/pumps', { body }))
    .body.deployment
  await complain(device)
  const person = { invitation: hub.invitation, email: 'eve@example.com', name: PAYLOADS[0], password: PASSWORD }
  const eve = cookieOf(await asBrowser(hub)('POST', '/v1/account', person))
  await hub.ask('POST', `/v1/rollouts/${rolloutId}/pause`, { body: { reason: ALL } })
  finding = await closeFinding()
  request = await askForApproval(asBrowser(hub, eve))
  return rolloutId
}

/** Somebody with a hostile name asks for a role with hostile words, and is refused with more of them. */
async function askForApproval(eve: ReturnType<typeof asBrowser>): Promise<string> {
  const description = ALL.slice(0, 200)
  await hub.ask('POST', '/v1/roles', { body: { name: 'shift', permissions: ['fleet.read'], description } })
  await hub.ask('PUT', '/v1/approval-rules', { body: { roles: true } })
  const role = {
    name: 'own',
    permissions: ['fleet.read'],
    description: ALL.slice(0, 200),
    scope: `site.name == ${JSON.stringify(LABEL)}`,
  }
  const { body } = await eve('POST', '/v1/roles', role)
  const id = /^apr_[a-z2-7]+/.exec(String(body.message))?.[0] ?? ''
  await hub.ask('POST', `/v1/approvals/${id}/deny`, { body: { reason: ALL } })
  return id
}

/** What is found about her, as an owner who joined, is closed with a hostile reason. */
async function closeFinding(): Promise<string> {
  await hub.ask('POST', '/v1/invitations', { body: { role: 'administrator' } })
  await detectIntrusions(hub.hub)
  const { rows } = (await hub.ask<{ rows: { id: string }[] }>('GET', '/v1/intrusions')).body
  for (const { id } of rows) await hub.ask('POST', `/v1/intrusions/${id}/dismiss`, { body: { reason: ALL } })
  return rows[0]?.id ?? ''
}

/** A device whose every free text is hostile. */
async function complain(device: TestDevice): Promise<void> {
  const path = '/v1/deployments/pumps'
  const { body } = await hub.ask<{ id: string }>('GET', path)
  const target = { revision: 1, version: 1, digest: Digest.parse(`sha256:${'5'.repeat(64)}`), retryToken: 0 }
  using link = await openLink(hub, device)
  await link.client.report(
    reportOf({
      agentVersion: LABEL,
      conditions: [{ code: 'disk_low', message: ALL }],
      inventory: { ...INVENTORY, hostname: ALL.slice(0, 250), cpuModel: PAYLOADS[0] ?? '', os: LABEL, arch: LABEL },
      items: [
        {
          kind: 'model',
          name: 'pump',
          deploymentId: DeploymentId.parse(body.id),
          target,
          state: 'failed',
          cause: { code: 'golden_mismatch', message: ALL },
          sinceMs: Date.now(),
        },
      ],
    }),
  )
}
