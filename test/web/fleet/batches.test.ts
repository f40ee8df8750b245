/** Batches in a real browser: one that is created, signed and sent, and what a real agent gives back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let folder: string
let hub: HubProgram
let browser: Browser
let agent: AgentProgram

describe.skipIf(!hasBrowser)('batches', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-batches-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: 'press', folder })
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const { visit } = openVisits(() => browser)

  test('a batch is created, signed and sent, and what the device gives back shows by itself', async () => {
    const { page } = await visit(hub, { path: '/batches' })
    await page.getByText('No batches yet').waitFor()
    await page.getByRole('button', { name: 'New batch' }).click()
    await page.getByLabel('Command').selectOption('run-diagnostics')
    await page.getByText('1 device, 1 of them connected now').waitFor()
    await page.getByLabel('Reason').fill('before the audit')
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await page.getByText('To be signed').waitFor()
    await confirm(page, 'Sign')
    await page.getByText('To be sent').waitFor()
    expect((await hub.client.batch.list({})).rows[0]).toMatchObject({ status: 'signed', reason: 'before the audit' })
    await confirm(page, 'Send')
    await page.getByRole('table', { name: 'Devices' }).getByText('Succeeded').waitFor()
    await page.getByText('Ended').waitFor()
    await page.getByRole('button', { name: 'Show output' }).click()
    await page.getByRole('dialog', { name: 'What press gave back' }).getByText('"').first().waitFor()
    const { rows } = await hub.client.audit.list({ newestFirst: 'true', limit: 20 })
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['batch.create', 'batch.sign', 'batch.send', 'batch.output']),
    )
  })

  test(
    'what is wrong is said at its field, and a batch that nobody shall do is cancelled with a reason',
    deep('the quick test of a batch from creation to output shows the page; core tests judge what is wrong'),
    async () => {
      const { page } = await visit(hub, { path: '/batches/new' })
      await page.getByLabel('Command').selectOption('relabel')
      await page.getByText('name a label to set or to remove').waitFor()
      await page.getByLabel('Labels to set').fill('line=4')
      await page.getByLabel('Rate').fill('quickly')
      expect(await page.getByRole('button', { name: 'Create', exact: true }).getAttribute('aria-disabled')).toBe('true')
      await page.getByLabel('Rate').fill('100')
      await page.getByRole('button', { name: 'Create', exact: true }).click()
      await page.getByText('To be signed').waitFor()
      await page.getByRole('button', { name: 'Cancel the batch' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Reason').fill('wrong line')
      await dialog.getByRole('button', { name: 'Cancel the batch' }).click()
      await page.getByText('Cancelled').first().waitFor()
      expect((await hub.client.device.get({ device: 'press' })).labels).toEqual({})
    },
  )

  test('whoever may only look sees all of it, and can do none of it', async () => {
    const { secret } = await hub.client.key.create({ name: 'wall', role: 'viewer' })
    const { page } = await visit(hub, { key: secret, path: '/batches' })
    const create = page.getByRole('button', { name: 'New batch' })
    expect(await create.getAttribute('aria-disabled')).toBe('true')
    await page.getByRole('link', { name: 'Run diagnostics' }).click()
    const output = page.getByRole('button', { name: 'Show output' })
    await output.waitFor()
    expect(await output.getAttribute('aria-disabled')).toBe('true')
  })

  test('they can be read by everybody, in both themes', async () => {
    const batch = (await hub.client.batch.list({ kind: 'run-diagnostics' })).rows[0]?.id ?? ''
    const { page } = await visit(hub, { path: '/batches' })
    for (const [name, path] of [
      ['batches', '/batches'],
      ['batch', `/batches/${batch}`],
      ['batch-new', '/batches/new'],
    ] as const) {
      await page.goto(path)
      await page
        .getByText(name === 'batch-new' ? '1 of them connected' : '1 succeeded')
        .first()
        .waitFor()
      await lookAt(page, name)
    }
  })
})

async function confirm(page: Page, verb: string): Promise<void> {
  await page.getByRole('button', { name: verb, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()
}
