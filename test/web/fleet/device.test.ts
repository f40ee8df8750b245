/** The page of a device and the list of devices in a real browser, on a real hub with a real agent. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { INVENTORY } from '../../../apps/hub/test/stage/test-device.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { until } from '../../../examples/stage/wait.ts'
import { MODEL, push, shipments } from '../../../examples/tour/shipment.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const DEVICE = 'hamburg-press'
const PATH = `/devices/${DEVICE}`
/** More than one, so that a bulk action has something to count. */
const PENDING = ['late-1', 'late-2', 'late-3']

let folder: string
let hub: HubProgram
let browser: Browser
let agent: AgentProgram
const visits = openVisits(() => browser)

const itemState = async () => (await hub.client.device.get({ device: DEVICE })).items[0]?.state
const isItem = (state: string) => () => itemState().then((now) => (now === state ? true : undefined))
const never = new AbortController().signal

/** Declares the version for every device, and stops if one rejects it. */
async function deploy(version: number) {
  await hub.client.deployment.apply({
    name: MODEL,
    deployable: MODEL,
    version: String(version),
    selector: 'site.name == "hamburg"',
    probation: { seconds: 1 },
    strategy: { onFailure: 'pause' },
  })
}

async function joinPending(name: string) {
  const { token } = await hub.client.token.create({ site: SITE.name, approval: 'manual' })
  const content = Buffer.from(token.slice('skj_'.length), 'base64url').toString('utf8')
  const { secret } = JSON.parse(content) as { secret: string }
  const csr = await createCertificateRequest(generateKeyPair().privateKeyPem)
  await hub.client.device.join({ secret, csr, name, inventory: INVENTORY })
}

describe.skipIf(!hasBrowser)('the devices', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-device-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(await newHubHome(folder))])
    agent = await startAgent(hub, { site: SITE, device: DEVICE, folder })
    await push(hub, shipments.first)
    await push(hub, shipments.broken)
    await hub.client.deployment.apply({
      name: 'elsewhere',
      deployable: MODEL,
      version: '1',
      selector: 'site.name == "lyon"',
    })
    await deploy(1)
    await until('version 1', isItem('active'), never)
    await deploy(2)
    await until('version 2 refused', isItem('failed'), never)
    for (const name of PENDING) await joinPending(name)
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const visit = (options?: VisitOptions) => visits.visit(hub, options)

  test('the life of a model is a list of steps, up to its failure and the cause', async () => {
    const { page } = await visit()
    await page.goto(PATH)
    const line = page.getByRole('list', { name: `Life of ${MODEL} version 2 on this device` })
    await line.getByText('Golden, failed here').waitFor()
    await line.getByText('Failed, failed here').waitFor()
    await page.getByText('compare hardware and runtime').first().waitFor()
    await page.getByText('version 1 serves').waitFor()
    await page.getByText('Earlier on this device (1)').click()
    await page.getByText('was active').waitFor()
  })

  test('the page explains why the device runs its version, and why another deployment does not select it', async () => {
    const { page } = await visit()
    await page.goto(PATH)
    await page
      .getByRole('button', { name: `Why ${MODEL} has this state` })
      .first()
      .click()
    await page.getByText(/is in wave/).waitFor()
    expect(
      await page
        .getByRole('list', { name: /^Checks/ })
        .getByRole('listitem')
        .count(),
    ).toBeGreaterThan(1)
    await page.getByLabel('Why not another deployment?').selectOption('elsewhere')
    await page.getByText(/is not picked/).waitFor()
    await page.getByText('selector failed').waitFor()
    await page.getByRole('link', { name: 'rollout of revision 2' }).click()
    await page.getByRole('heading', { level: 1, name: `${MODEL}, revision 2` }).waitFor()
  })

  test(
    'a person retries a failed version, and the history shows it',
    deep('the quick tests show the failure and the history; hub tests show the retry'),
    async () => {
      const { page } = await visit()
      await page.goto(PATH)
      await page.getByRole('button', { name: 'Try again' }).first().click()
      await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click()
      await page.getByText(`${DEVICE} tries again`).waitFor()
      // It failed once more: the first try is an earlier life now.
      await page.getByText('Earlier on this device (2)').waitFor()
      await page.getByRole('tab', { name: 'Events' }).click()
      await page.getByRole('row', { name: /Retry requested sensor-anomaly, by owner/ }).waitFor()
      await page.getByLabel('Kind').selectOption('Certificate')
      await page.waitForURL(/kind=certified/)
      await page.getByRole('status').getByText('1 event.').waitFor()
      await expect.poll(() => page.getByRole('row').count()).toBe(2)
      await page.reload()
      await page.getByRole('status').getByText('1 event.').waitFor()
    },
  )

  test(
    'labels that another person changed meanwhile are shown, merged, and saved after a second look',
    deep('the quick tests of deployments and sources show how two people change one thing'),
    async () => {
      const { page, problems } = await visit()
      await hub.client.device.relabel({ device: DEVICE, labels: { line: '1', ring: 'a' } })
      await page.goto(PATH)
      await page.getByText('ring=a').waitFor()
      await page.getByRole('button', { name: 'Change labels' }).click()
      const field = page.getByRole('dialog').getByLabel('Labels')
      await field.fill('line=1\nring=b')
      await hub.client.device.relabel({ device: DEVICE, labels: { line: '2', ring: 'a' } })
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').getByText('line=2 was set').waitFor()
      await expect.poll(() => field.inputValue()).toBe('line=2\nring=b')
      expect((await hub.client.device.get({ device: DEVICE })).labels).toEqual({ line: '2', ring: 'a' })
      await page.getByRole('button', { name: 'Save' }).click()
      // The dialog has the text of its field, too, and closes once the hub has answered.
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page.getByText('ring=b').waitFor()
      expect((await hub.client.device.get({ device: DEVICE })).labels).toEqual({ line: '2', ring: 'b' })
      // The browser itself logs the 412 on its console.
      problems.length = 0
    },
  )

  test(
    'neither page breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      const { page } = await visit({ height: 1100 })
      await page.goto(PATH)
      await page.getByRole('list', { name: /^Life of/ }).waitFor()
      await page
        .getByRole('button', { name: `Why ${MODEL} has this state` })
        .first()
        .click()
      await page.getByText(/is in wave/).waitFor()
      await lookAt(page, 'device-state')
      await page.goto(`${PATH}?tab=history`)
      await page.getByRole('row').nth(3).waitFor()
      await page.getByText('Changes').waitFor()
      await lookAt(page, 'device-history')
    },
  )

  test(
    'a tablet shows both without a sideways scroll',
    deep('the quick test of the console shows that every page fits a tablet'),
    async () => {
      const { page } = await visit({ width: 820, height: 1180 })
      for (const path of [PATH, `${PATH}?tab=history`]) {
        await page.goto(path)
        await page.getByRole('tab', { name: 'State' }).waitFor()
        await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      }
    },
  )

  test('waiting devices are found, selected by keyboard, and approved together', async () => {
    const { page, problems } = await visit()
    await page.goto('/devices')
    await page.getByText('3 devices wait for approval').waitFor()
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL(/health=pending/)
    await page.getByLabel('Select late-1').focus()
    await page.keyboard.press('Space')
    await page.getByText('1 device selected').waitFor()
    await page.getByLabel('Select all that are shown').click()
    await page.getByText('3 devices selected').waitFor()
    await page.getByLabel('Select late-3').click()
    await page.getByRole('button', { name: 'Approve 2' }).click()
    const dialog = page.getByRole('dialog', { name: 'Approve 2 devices?' })
    await dialog.getByText('late-2').waitFor()
    // Somebody else is quicker with one of them.
    await hub.client.device.approve({ device: 'late-2' })
    await dialog.getByRole('button', { name: 'Approve 2' }).click()
    await dialog.getByText('1 of 2 done').waitFor()
    await dialog.getByText('1 device failed:').waitFor()
    await dialog.getByText('the device is active').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByLabel('Select late-3').waitFor()
    await page.getByText('1 device waits').waitFor({ state: 'hidden' })
    const status = async (device: string) => (await hub.client.device.get({ device })).status
    expect(await Promise.all(PENDING.map(status))).toEqual(['active', 'active', 'pending'])
    problems.length = 0
  })

  test(
    'a label is set on many devices and removed again, and their other labels stay',
    deep('the quick test of approving many devices shows the selection and its outcome'),
    async () => {
      await hub.client.device.relabel({ device: 'late-1', labels: { shift: 'day' } })
      await hub.client.device.relabel({ device: 'late-2', labels: { shift: 'night', team: 'ot' } })
      const { page } = await visit()
      await page.goto('/devices?q=device.name.startsWith("late")')
      await page.getByLabel('Select late-3').waitFor()
      await page.getByLabel('Select all that are shown').click()
      await page.getByRole('button', { name: 'Set a label' }).click()
      const field = page.getByRole('dialog').getByRole('textbox')
      await field.fill('nonsense')
      await page.getByText('This is not key=value').waitFor()
      await field.fill('shift=night')
      await page.getByText('1 device needs no change').waitFor()
      await page.getByRole('button', { name: 'Set on 2' }).click()
      await page.getByText('2 devices relabelled').waitFor()
      const labels = async () =>
        Promise.all(PENDING.map(async (device) => (await hub.client.device.get({ device })).labels))
      expect(await labels()).toEqual([{ shift: 'night' }, { shift: 'night', team: 'ot' }, { shift: 'night' }])
      await page.getByRole('row', { name: /late-3.*shift=night/ }).waitFor()
      await page.getByRole('button', { name: 'Remove a label' }).click()
      await page.getByRole('dialog').getByLabel('Label').selectOption('shift')
      await page.getByRole('button', { name: 'Remove from 3' }).click()
      await page.getByText('3 devices relabelled').waitFor()
      expect(await labels()).toEqual([{}, { team: 'ot' }, {}])
    },
  )

  test(
    'the selection breaks no rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      const { page } = await visit()
      await page.goto('/devices')
      await page.getByLabel('Select late-1').click()
      await page.getByText('1 device selected').waitFor()
      await lookAt(page, 'devices-selected')
      await page.getByRole('button', { name: 'Set a label' }).click()
      await page.getByRole('dialog').waitFor()
      await checkThemes(page, 'dialog')
    },
  )

  test(
    'a person who may not change devices sees the missing permission',
    deep('the quick tests of sites and roles show the permission that a role lacks'),
    async () => {
      const { secret } = await hub.client.key.create({ name: 'looker', role: 'viewer' })
      const { page } = await visit({ key: secret })
      await page.goto('/devices')
      await page.getByLabel('Select late-1').focus()
      await page.keyboard.press('Space')
      const set = page.getByRole('button', { name: 'Set a label' })
      expect(await set.getAttribute('aria-disabled')).toBe('true')
      await set.focus()
      await page
        .getByRole('tooltip', { name: 'You cannot do this, because the role viewer lacks device.write' })
        .waitFor()
    },
  )
})
