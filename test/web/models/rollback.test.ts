/**
 * The way back in a real browser: a person rolls a deployment back from its page, from its revisions and from a finished
 * rollout, and a failed rollout shows its devices with their reasons.
 */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { type DesiredDocument, readDocument } from '@skerry/contract/devices/desired'
import { DeviceReport } from '@skerry/contract/devices/device-report'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { stateThat } from '@skerry/testkit/until'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { startTestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestLink } from '../../../apps/hub/test/stage/test-device.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

/** The version that fails on every device. */
const BROKEN = 3
const CAUSE = { code: 'golden_mismatch', message: 'golden case 1: y differs by 0.5' }

type Sizes = { scrollWidth: number; clientWidth: number }

let browser: Browser
let hub: TestHub
const links: TestLink[] = []
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the way back', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    for (const operator of ['Relu', 'Abs', 'Sigmoid']) await push(hub, 'pump', modelBytes(unary(operator)))
    for (const name of ['press-1', 'press-2']) {
      const link = await openLink(hub, await joinDevice(hub, { name }))
      links.push(link)
      await obey(link)
    }
    await deploy('1')
    await deploy('2')
  })

  afterAll(async () => {
    for (const link of links) link[Symbol.dispose]()
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = (path: string, options?: VisitOptions) => visits.visit(hub, { path, ...options })

  /** Deploys the version, and waits until its rollout is done or has paused. */
  async function deploy(version: string): Promise<Rollout> {
    const answer = await hub.ask<{ deployment: Deployment }>('PUT', '/v1/deployments/pumps', {
      body: { deployable: 'pump', version, probation: { seconds: 0 } },
    })
    expect(answer.status, answer.text).toBe(200)
    const { rolloutId } = answer.body.deployment
    const rollout = async () => (await hub.ask<Rollout>('GET', `/v1/rollouts/${rolloutId}`)).body
    return stateThat(rollout, ({ status }) => status === 'done' || status === 'paused')
  }

  test('a person returns to the version before with one button, and sees the devices first', async () => {
    const { page } = await visit('/deployments/pumps')
    await page.getByRole('button', { name: 'Roll back', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Roll back pumps?' })
    await dialog.getByText('2 devices change from version 2').waitFor()
    await dialog.getByText('press-1, press-2').waitFor()
    for (const text of ['pump:2', 'revision 2', 'pump:1', 'revision 1']) await dialog.getByText(text).waitFor()
    await checkThemes(page, 'the rollback of a deployment')
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'pumps, revision 3' }).waitFor()
    await page.getByText('rollback to revision 1').first().waitFor()
    await page.getByText('Done', { exact: true }).waitFor()
    expect((await hub.ask<Deployment>('GET', '/v1/deployments/pumps')).body).toMatchObject({
      version: 1,
      devices: { total: 2, healthy: 2 },
    })
    await page.getByRole('button', { name: 'Roll back', exact: true }).click()
    await page
      .getByRole('dialog')
      .getByText(/has no revision before 1 that was done/)
      .waitFor()
    await page.getByRole('dialog').getByRole('link', { name: 'Show the revisions' }).click()
    await page.getByRole('row', { name: /3 now pump:1 rollback to revision 1/ }).waitFor()
    await page.getByText(/It is a rollback to revision 1\. The hub offers it to all devices at once/).waitFor()
    visits.forgive(/409/)
  })

  test('a finished rollout offers its own revision again, and a strategy can be chosen in the wizard', async () => {
    const { body } = await hub.ask<{ rows: Rollout[] }>('GET', '/v1/rollouts?deployment=pumps')
    const second = body.rows.find(({ revision }) => revision === 2)
    const { page } = await visit(`/rollouts/${second?.id}`)
    await page.getByRole('button', { name: 'Roll back to revision 2' }).click()
    const dialog = page.getByRole('dialog')
    const warning = dialog.getByRole('region', { name: 'Warning' })
    await warning.getByText('Revision 2 was rolled back: revision 3 replaced it with an earlier revision.').waitFor()
    await warning.getByText('This goes forward from revision 1 to revision 2, not back.').waitFor()
    for (const text of ['wanted now: v1 on 2', 'revision 4, as in revision 2']) await dialog.getByText(text).waitFor()
    await checkThemes(page, 'the rollback to a rejected revision')
    await dialog.getByText('2 devices change from version 1').waitFor()
    await dialog.getByRole('button', { name: 'Choose another strategy' }).click()
    await page.getByRole('heading', { level: 1, name: 'Change pumps' }).waitFor()
    expect(await page.getByLabel('Version').inputValue()).toBe('2')
  })

  test('a failed rollout names its devices, their reasons and the next command on every page', async () => {
    const { id, status } = await deploy(String(BROKEN))
    expect(status).toBe('paused')
    const { page } = await visit(`/rollouts/${id}`)
    for (const path of [`/rollouts/${id}`, '/deployments/pumps']) {
      await page.goto(path)
      const failures = page.getByRole('region', { name: 'Failed devices' })
      await failures.getByRole('link', { name: 'press-1' }).waitFor()
      await failures.getByText('golden_mismatch: golden case 1: y differs by 0.5').first().waitFor()
      await failures.getByText('skerry deployment explain pumps press-').waitFor()
      await failures.getByText('skerry deployment rollback pumps').waitFor()
      await checkThemes(page, path)
      await page.setViewportSize({ width: 390, height: 844 })
      // A command may break into lines, and none of its letters is cut.
      const cut = await failures
        .locator('code')
        .evaluateAll(
          (codes) =>
            codes.map((code) => code as unknown as Sizes).filter((code) => code.scrollWidth > code.clientWidth + 1)
              .length,
        )
      expect(cut).toBe(0)
      const isWide =
        '[...document.querySelectorAll("main section")].some((each) => each.scrollWidth > each.clientWidth)'
      await expect
        .poll(async () => ({ path, isWide: await page.evaluate<boolean>(isWide) }))
        .toEqual({ path, isWide: false })
      await page.setViewportSize({ width: 1_280, height: 900 })
    }
    await page.goto(`/rollouts/${id}`)
    await page.getByText(/^When it paused: \d failed in wave all, 0 allowed$/).waitFor()
    await page.goto(`/models/pump/versions/${BROKEN}`)
    await page.getByText('No device serves it now. It failed on the devices that were offered it.').waitFor()
    await page.getByRole('link', { name: /^pumps runs on 0 devices, failed on 2/ }).waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto('/devices/press-1?tab=settings')
    await page.getByText('skerry settings set device:press-1 --set log-level=debug').waitFor()
    const tab = await page.getByRole('tab', { name: 'Settings' }).boundingBox()
    expect((tab?.x ?? 0) + (tab?.width ?? 1_000), 'the open tab is in sight').toBeLessThanOrEqual(390)
    await page.setViewportSize({ width: 1_280, height: 900 })
    for (const path of ['/rollouts', '/deployments']) {
      await page.goto(path)
      await page.getByRole('row', { name: /pumps/ }).first().getByText('Paused').hover()
      await page
        .getByRole('tooltip')
        .getByText(/press-1: golden_mismatch: golden case 1: y differs by 0.5/)
        .waitFor()
    }
  })

  test('a viewer sees the permission that the rollback needs', async () => {
    const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
    const { page } = await visit('/deployments/pumps', { key: body.secret })
    const button = page.getByRole('button', { name: 'Roll back', exact: true })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
  })
})

/** A device that accepts every offer and serves it, except the broken version. */
async function obey(link: TestLink): Promise<void> {
  await link.client.report(reportOf())
  const documents = await link.client.desired({})
  void (async () => {
    for await (const document of documents) await link.client.report(answerTo(readDocument(document)))
  })().catch(() => undefined)
}

const answerTo = ({ generation, digest, items }: DesiredDocument): DeviceReport =>
  DeviceReport.parse({
    ...reportOf({ observedGeneration: generation, observedDigest: digest }),
    items: items.map(({ kind, name, deploymentId, revision, version, digest: wanted, retryToken }) => ({
      kind,
      name,
      deploymentId,
      target: { revision, version, digest: wanted, retryToken },
      sinceMs: 0,
      ...(version === BROKEN
        ? { state: 'failed', cause: CAUSE }
        : { state: 'active', serving: { version, digest: wanted } }),
    })),
  })
