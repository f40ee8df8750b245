/** The tab Access in a real browser, with a real hub and agent: a grant, a terminal, its replay, and a revocation. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const DEVICE = 'hamburg-press'
const PATH = `/devices/${DEVICE}?tab=access`

let folder: string
let hub: HubProgram
let browser: Browser
let agent: AgentProgram
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('remote access', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-access-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(await newHubHome(folder))])
    agent = await startAgent(hub, { site: SITE, device: DEVICE, folder, options: ['--allow-remote', 'shell'] })
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a person gets a grant, works in a terminal, and plays its recording', async () => {
    const { page } = await visits.visit(hub, { path: PATH })
    await page.getByText('Nobody has access').waitFor()
    await page.getByRole('button', { name: 'Request access' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('the camera is dark')
    await dialog.getByRole('button', { name: 'Get access' }).click()
    await page.getByRole('table', { name: 'Grants' }).getByText('Active').waitFor()
    await checkThemes(page, 'grants')
    await page.getByRole('button', { name: 'Open terminal' }).click()
    const terminal = page.getByRole('region', { name: 'Terminal', exact: true })
    await terminal.locator('.xterm-rows').waitFor()
    await expect.poll(() => page.getByRole('status').getByText('Connecting').count()).toBe(0)
    await page.keyboard.type("printf '\\033[38;2;10;200;30m%s\\033[0m\\n' gre''en\n")
    // The colour of the text has passed the policy of the page.
    const green = terminal.locator('.xterm-rows span', { hasText: /^green$/ }).last()
    await green.waitFor()
    expect(
      await green.evaluate(
        (cell) =>
          (globalThis as unknown as { getComputedStyle(of: unknown): { color: string } }).getComputedStyle(cell).color,
      ),
    ).toBe('rgb(10, 200, 30)')
    await page.keyboard.type('exit 4\n')
    await page.getByText('The program ended with code 4.').waitFor()
    await page.getByText('Close', { exact: true }).click()
    const sessions = page.getByRole('table', { name: 'Sessions' })
    await sessions.getByText('exit 4').waitFor()
    await sessions.getByRole('button', { name: 'Play' }).click()
    const replay = page.getByRole('dialog')
    await replay.getByText('The digest is the one in the audit log.').waitFor()
    await replay
      .locator('.xterm-rows span', { hasText: /^green$/ })
      .last()
      .waitFor()
    await replay.getByRole('button', { name: 'Play again' }).waitFor()
    await replay.getByLabel('Position').fill('0')
    await expect.poll(() => replay.locator('.xterm-rows').textContent()).not.toContain('green')
  })

  test('another person watches a terminal, and ends it', async () => {
    await hub.client.access.request({ device: DEVICE, kinds: ['shell'], reason: 'a watched look' })
    const { page } = await visits.visit(hub, { path: PATH })
    await page.getByRole('button', { name: 'Open terminal' }).first().click()
    const terminal = page.getByRole('region', { name: 'Terminal', exact: true })
    await terminal.locator('.xterm-rows').waitFor()
    await expect.poll(() => page.getByRole('status').getByText('Connecting').count()).toBe(0)
    await page.keyboard.type("echo wat''ched\n")
    await terminal.getByText('watched').first().waitFor()
    const { page: other } = await visits.visit(hub, { path: PATH })
    await other.getByRole('button', { name: 'Watch', exact: true }).click()
    const dialog = other.getByRole('dialog')
    await dialog
      .locator('.xterm-rows span', { hasText: /^watched/ })
      .last()
      .waitFor()
    await other.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await other.getByRole('row', { name: /Open/ }).getByRole('button', { name: 'End', exact: true }).click()
    await other.getByRole('dialog').getByLabel('Reason').fill('the wrong machine')
    await other.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
    await page.getByText('The session ended: ended by another person.').waitFor()
  })

  test('a terminal whose grant is revoked says so', async () => {
    const grant = await hub.client.access.request({ device: DEVICE, kinds: ['shell'], reason: 'another look' })
    const { page } = await visits.visit(hub, { path: PATH })
    await page.getByRole('button', { name: 'Open terminal' }).first().click()
    await page.getByRole('region', { name: 'Terminal', exact: true }).locator('.xterm-rows').waitFor()
    await expect
      .poll(async () => (await hub.client.access.sessions({ device: DEVICE, grant: grant.id })).rows[0]?.state)
      .toBe('open')
    await page
      .getByRole('row', { name: /another look/ })
      .getByRole('button', { name: 'Revoke' })
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('enough')
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('The session ended: grant revoked.').waitFor()
    await page.getByText('Revoked', { exact: true }).waitFor()
  })
})
